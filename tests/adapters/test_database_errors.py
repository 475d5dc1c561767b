"""Errors of the driver, in the words of the core."""

import asyncpg
import pytest

from photostore_adapters.postgres.errors import DatabaseUnavailable, translated


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        ConnectionResetError(),
    ],
)
def test_a_connection_that_ends_is_a_database_that_does_not_answer(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailable), translated():
        raise error

"""Errors of the driver, in the words of the core."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi

from photostore_adapters.postgres.errors import DatabaseUnavailable, translated

# As it looks where a connection is opened outside of a statement.
ADAPTED: Any = AsyncAdapt_asyncpg_dbapi
STARTING = ADAPTED.Error("starting up", asyncpg.CannotConnectNowError("the database system is starting up"))


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        ConnectionResetError(),
        STARTING,
    ],
)
def test_a_connection_that_ends_is_a_database_that_does_not_answer(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailable), translated():
        raise error


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InvalidPasswordError("password authentication failed"),
        asyncpg.InvalidAuthorizationSpecificationError("no pg_hba.conf entry"),
        asyncpg.InvalidCatalogNameError("there is no such database"),
    ],
)
def test_a_database_that_lets_nobody_in_is_away_and_says_where_to_look(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailable, match="DATABASE_URL"), translated():
        raise error

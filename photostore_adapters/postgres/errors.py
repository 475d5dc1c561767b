"""What the driver raises, in the words of the core. Nowhere else is a driver's error looked at."""

from contextlib import AbstractContextManager
from types import TracebackType

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from photostore.shared.errors import ConcurrentUpdate, Unavailable
from photostore.user.errors import UserNotFound

# Serialization failure and deadlock: another transaction won, and trying again is right.
_LOST_RACE = {"40001", "40P01"}
# Statement and lock timeouts, too many connections, out of memory or disk, shutting down: (Postgres, Appendix A).
_OVERLOADED = {"57014", "55P03", "53100", "53200", "53300", "57P01", "57P02", "57P03", "25006"}

# Nobody is let in: the user, the password, or a database of that name.
_SHUT_OUT = {"28000", "28P01", "3D000"}

# Every foreign key of the schema leads to the user (but those to rows that whoever writes holds): the account was erased
# while something was made for it.
_ACCOUNT_GONE = "23503"


class DatabaseUnavailable(Unavailable):
    title = "The database does not answer."


def translate(error: BaseException) -> Exception | None:
    """The core's error for a driver's; `None` when it is none of those that whoever asked can do something about."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(orig, "sqlstate", None)
    if state in _LOST_RACE:
        return ConcurrentUpdate("Another request changed the same data at the same time. Try again.")
    if state == _ACCOUNT_GONE:
        return UserNotFound("The account was closed.")
    if state in _SHUT_OUT:
        return DatabaseUnavailable(
            "The database does not let this service in. `photostore doctor` tells what is wrong with DATABASE_URL."
        )
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or state in _OVERLOADED or (state or "").startswith("08") or _is_connection_fault(orig):
        return DatabaseUnavailable("The database does not answer right now. Try again in a moment.")
    return None


# asyncpg calls it its own mistake when a connection was told to end and is asked before it is closed.
_FAULTS = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    PoolExhausted,
)


def _is_connection_fault(error: BaseException | None) -> bool:
    if isinstance(error, _FAULTS):
        return True
    # SQLAlchemy wraps asyncpg's own errors once more.
    return isinstance(error, Exception) and isinstance(error.__cause__, _FAULTS)


# Where a connection is opened outside of a statement, SQLAlchemy's own face of asyncpg's errors is all that there is.
_DRIVERS = (SQLAlchemyError, AsyncAdapt_asyncpg_dbapi.Error, asyncpg.PostgresError, *_FAULTS)


class _Translated(AbstractContextManager[None]):
    """Around every statement: a generator would cost twice as much."""

    __slots__ = ()

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        known = translate(error) if isinstance(error, _DRIVERS) else None
        if known is not None:
            raise known from error


_TRANSLATED = _Translated()


def translated() -> AbstractContextManager[None]:
    """Whatever the driver raises inside comes out as the core's error, if it has one for it."""
    return _TRANSLATED

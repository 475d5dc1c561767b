"""The transaction of a scope: begun and ended by the driver itself, whose statements it runs, or those of a session."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from photostore_adapters.postgres.transaction_connections import HeldConnection, TransactionConnections


class NothingCommitted(RuntimeError):
    """A statement of the transaction had failed, and whoever ran it went on: the database rolled back, and calls that fine."""


class ScopeEnded(RuntimeError):
    """Whoever still works in the transaction of a scope that has ended: what was not committed by then never will be."""


class Transaction:
    """It takes a connection with its first statement, and gives it back when it is committed or rolled back.

    The engine of `connections` must leave beginning and committing alone (`AUTOCOMMIT`).
    """

    def __init__(self, connections: TransactionConnections) -> None:
        self._connections = connections
        self._held: HeldConnection | None = None
        self._driver: Any = None
        self._joined: Connection | None = None
        self._afterwards: list[Callable[[], None]] = []
        self._over = False
        self.session = TransactionSession(self)

    @property
    def engine(self) -> AsyncEngine:
        return self._connections.engine

    @property
    def begun(self) -> bool:
        return self._driver is not None

    def after_commit(self, do: Callable[[], None]) -> None:
        """Each time that this scope commits something."""
        self._afterwards.append(do)

    async def run(self, sql: str, arguments: Sequence[object]) -> Sequence[Any]:
        """The rows. What the driver raises becomes an error of the core where the unit of work ends."""
        rows: Sequence[Any] = await (self._driver or await self._begin()).fetch(sql, *arguments)
        return rows

    async def commit(self) -> None:
        """Whatever happens, the transaction is over. Raise `NothingCommitted` when a statement of it had failed, and
        `ScopeEnded` when it was rolled back with its scope."""
        if self._over:
            raise ScopeEnded("rolled back when its scope ended")
        if self.begun and (told := await self._end("COMMIT")) != "COMMIT":
            raise NothingCommitted(f"asked to commit, the database answered {told}")
        for do in self._afterwards:
            do()

    async def roll_back(self) -> None:
        """A connection that broke, or is busy with a statement, is given up, and the database rolls back by itself."""
        if self.begun:
            await self._end("ROLLBACK")

    async def aclose(self) -> None:
        """What was not committed is rolled back, and nothing is left for the garbage collector to find."""
        self._over = True
        self._afterwards.clear()
        self.session.part()
        await self.roll_back()

    async def join(self) -> Connection:
        """For the session alone."""
        _ = self._driver or await self._begin()
        if self._joined is None:
            assert self._held is not None, "begun"
            # One that broke stays broken: SQLAlchemy would go on with another, outside of any transaction.
            self._joined = Connection(self.engine.sync_engine, self._held.pooled, _allow_revalidate=False)
        return self._joined

    async def _begin(self) -> Any:
        if self._over:
            raise ScopeEnded("no transaction begins when its scope has ended")
        held = await self._connections.take()
        try:
            await held.driver.execute("BEGIN")
        except BaseException:
            held.pooled.invalidate()
            self._connections.give_back(held)
            raise
        self._held, self._driver = held, held.driver
        return held.driver

    async def _end(self, how: str) -> str:
        """Answer what the database says that it did."""
        held, joined = self._held, self._joined
        self._held, self._driver, self._joined = None, None, None
        assert held is not None, "begun"
        try:
            told: str = await held.driver.execute(how)
        finally:
            try:
                if joined is not None:
                    await self.session.close()
            finally:
                self._connections.give_back(held)
        return told


class TransactionSession(AsyncSession):
    """SQLAlchemy's statements in a transaction. It is made when the first one is run: those that are run most often run none,
    and to make a session costs a third of a statement."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction: Transaction | None = transaction

    def __getattr__(self, name: str) -> Any:
        if name not in ("_proxied", "sync_session") or self.transaction is None:
            raise AttributeError(name)
        super().__init__(
            self.transaction.engine,
            sync_session_class=_JoiningSession,
            expire_on_commit=False,
            autoflush=False,
            info={_TRANSACTION: self.transaction},
        )
        return self.sync_session

    def part(self) -> None:
        """From its transaction, for good, so that nothing is left for the garbage collector to find."""
        if "_proxied" in vars(self):
            self.info.clear()
        self.transaction = None


_TRANSACTION = "transaction"


class _JoiningSession(Session):
    """Asks for its connection anew in each transaction: it has none of its own."""

    def get_bind(self, *_args: object, **_options: object) -> Connection:
        transaction: Transaction = self.info[_TRANSACTION]
        return await_only(transaction.join())

"""The transaction of a scope: begun and ended by the driver itself, whose statements it runs, or those of a session."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from photostore_adapters.postgres.connection_slots import ConnectionSlots

TRANSACTION = "transaction"


class NothingCommitted(RuntimeError):
    """A statement of the transaction had failed, and whoever ran it went on: the database rolled back, and calls that fine."""


class Transaction:
    """It takes a connection with its first statement, and gives it back when it is committed or rolled back.

    `engine` must leave beginning and committing alone (`AUTOCOMMIT`).
    """

    def __init__(self, engine: AsyncEngine, slots: ConnectionSlots) -> None:
        self._engine = engine
        self._slots = slots
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._joined: Connection | None = None
        self._afterwards: list[Callable[[], None]] = []
        self.session = AsyncSession(
            engine,
            sync_session_class=_JoiningSession,
            expire_on_commit=False,
            autoflush=False,
            info={TRANSACTION: self},
        )

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
        """Whatever happens, the transaction is over. Raise `NothingCommitted` when a statement of it had failed."""
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
        self._afterwards.clear()
        self.session.info.clear()
        await self.roll_back()

    async def join(self) -> Connection:
        """For the session alone."""
        _ = self._driver or await self._begin()
        if self._joined is None:
            self._joined = Connection(self._engine.sync_engine, self._pooled)
        return self._joined

    async def _begin(self) -> Any:
        await self._slots.take()
        try:
            pooled, driver = await self._living()
            try:
                await driver.execute("BEGIN")
            except BaseException:
                pooled.invalidate()
                raise
        except BaseException:
            self._slots.give_back()
            raise
        self._pooled, self._driver = pooled, driver
        return driver

    async def _living(self) -> tuple[PoolProxiedConnection, Any]:
        """A connection, passing over those of the pool that were closed while they lay idle."""
        while True:
            pooled = await self._engine.raw_connection()
            driver = pooled.driver_connection
            if driver is not None and not driver.is_closed():
                return pooled, driver
            pooled.invalidate()

    async def _end(self, how: str) -> str:
        """Answer what the database says that it did."""
        pooled, driver, joined = self._pooled, self._driver, self._joined
        self._pooled, self._driver, self._joined = None, None, None
        assert pooled is not None, "begun"
        try:
            told: str = await driver.execute(how)
        except BaseException:
            # The session may have seen that it broke, and have given it up.
            if pooled.is_valid and (driver.is_closed() or driver.is_in_transaction()):
                pooled.invalidate()
            raise
        finally:
            try:
                if joined is not None:
                    await self.session.close()
            finally:
                pooled.close()
                self._slots.give_back()
        return told


class _JoiningSession(Session):
    """Asks for its connection anew in each transaction: it has none of its own."""

    def get_bind(self, *_args: object, **_options: object) -> Connection:
        transaction: Transaction = self.info[TRANSACTION]
        return await_only(transaction.join())

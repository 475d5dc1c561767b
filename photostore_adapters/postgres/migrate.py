"""Bringing the schema up to date."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from photostore_adapters.postgres.errors import translated

# Any number does, as long as nothing else in this database takes the same advisory lock.
_LOCK = 7_306_002
_LOOK_SECONDS = 0.2
# As long as a server waits for a connection, unless it is told otherwise.
_CONNECT_SECONDS = 3.0


class Standing(StrEnum):
    """How the tables stand to this version. On `CURRENT` and `NEWER` it can run."""

    CURRENT = "current"
    BEHIND = "behind"
    NEWER = "newer"
    TOO_NEW = "too_new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    revision: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """`found` is the revision of the database (`None` before the first), `head` the newest that this version knows, `pending`
    what leads from one to the other. `needs` is the revision that a release must know to run on these tables, if told."""

    standing: Standing
    found: str | None
    head: str | None
    pending: Sequence[Migration] = ()
    needs: str | None = None


class SchemaTooNew(Exception):
    """The tables are those of a newer version, and it said that this one does not know enough to run on them."""

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema.found)
        self.schema = schema


def script_folder() -> Path:
    """The migrations of the checkout, or of the installed package."""
    checkout = Path(__file__).resolve().parents[2] / "migrations"
    return checkout if checkout.is_dir() else Path(sys.prefix) / "share/photostore/migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(script_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str | None:
    """The newest revision that this version of photostore knows."""
    return _scripts().get_current_head()


def knows(revision: str | None) -> bool:
    return revision is not None and revision in {each.revision for each in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@asynccontextmanager
async def _connected(url: str, connect_timeout: float) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(
        "postgresql+asyncpg://" + url.split("://", 1)[1],
        poolclass=pool.NullPool,
        connect_args={"timeout": connect_timeout},
    )
    try:
        with translated():
            async with engine.connect() as connection:
                yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def _alone(url: str, connect_timeout: float = _CONNECT_SECONDS) -> AsyncIterator[AsyncConnection]:
    """Several processes may start at once: the first migrates, the others wait and find it done. They wait outside of any
    transaction, since an index that is built beside its table's use waits for those."""
    async with _connected(url, connect_timeout) as connection:
        while not (await connection.execute(text(f"SELECT pg_try_advisory_lock({_LOCK})"))).scalar():
            await connection.commit()
            await asyncio.sleep(_LOOK_SECONDS)
        await connection.commit()
        yield connection
        await connection.commit()


async def upgrade(url: str, revision: str = "head", *, connect_timeout: float = _CONNECT_SECONDS) -> Schema:
    """Migrate forward, and tell how it stood before. Safe to run by several processes at once.

    Tables of a newer version are left as they are. Raise `SchemaTooNew` where this version cannot run on them.
    """
    async with _alone(url, connect_timeout) as connection:
        before = await connection.run_sync(_schema)
        if before.standing is Standing.TOO_NEW:
            raise SchemaTooNew(before)
        if before.standing is Standing.BEHIND:
            await connection.run_sync(lambda sync: command.upgrade(_config(sync), revision))
        return before


async def downgrade(url: str, revision: str) -> None:
    async with _alone(url) as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), revision))


async def schema(url: str, *, connect_timeout: float = _CONNECT_SECONDS) -> Schema:
    """How the tables stand to this version. Changes nothing, and waits for nobody who migrates."""
    async with _connected(url, connect_timeout) as connection:
        return await connection.run_sync(_schema)


async def current(url: str) -> str | None:
    """The revision that the database is at; `None` before the first."""
    return (await schema(url)).found


def _schema(connection: Connection) -> Schema:
    scripts = _scripts()
    known = {each.revision: each for each in scripts.walk_revisions()}
    newest = scripts.get_current_head()
    found = MigrationContext.configure(connection).get_current_revision()
    if found == newest:
        return Schema(standing=Standing.CURRENT, found=found, head=newest)
    if found is None or found in known:
        steps = reversed(list(scripts.iterate_revisions(newest, found or "base")))
        pending = [Migration(revision=each.revision, title=(each.doc or "").rstrip(".")) for each in steps]
        return Schema(standing=Standing.BEHIND, found=found, head=newest, pending=pending)
    told = connection.execute(text("SELECT to_regclass('schema_compatibility')")).scalar()
    needs = None if told is None else connection.execute(text("SELECT needs FROM schema_compatibility")).scalar()
    standing = Standing.NEWER if needs in known else Standing.TOO_NEW
    return Schema(standing=standing, found=found, head=newest, needs=needs)

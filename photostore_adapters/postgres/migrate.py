"""Bringing the schema up to date."""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from photostore_adapters.postgres.errors import translated

# Any number does, as long as nothing else in this database takes the same advisory lock.
_LOCK = 7_306_002


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
    return ScriptDirectory.from_config(_config()).get_current_head()


async def _on_connection(url: str, work: str, revision: str) -> None:
    engine = create_async_engine("postgresql+asyncpg://" + url.split("://", 1)[1], poolclass=pool.NullPool)
    try:
        with translated():
            async with engine.connect() as connection:
                # Several processes may start at once: the first migrates, the others wait and find it done.
                await connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
                await connection.commit()
                await connection.run_sync(lambda sync: getattr(command, work)(_config(sync), revision))
                await connection.commit()
    finally:
        await engine.dispose()


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate forward. Safe to run by several processes at once."""
    await _on_connection(url, "upgrade", revision)


async def downgrade(url: str, revision: str) -> None:
    await _on_connection(url, "downgrade", revision)


async def current(url: str) -> str | None:
    """The revision that the database is at; `None` before the first."""
    engine = create_async_engine("postgresql+asyncpg://" + url.split("://", 1)[1], poolclass=pool.NullPool)
    try:
        with translated():
            async with engine.connect() as connection:
                return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await engine.dispose()

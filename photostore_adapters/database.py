"""The database before the first request: where it is, and its tables."""

from collections.abc import Iterator
from contextlib import contextmanager

from photostore_adapters.embedded_postgres.server import EmbeddedPostgres, running_url
from photostore_adapters.launch import LaunchRefused
from photostore_adapters.postgres.migrate import current, head, upgrade
from photostore_adapters.settings import Settings

__all__ = ["database", "head", "migrated", "upgrade"]


@contextmanager
def database(settings: Settings, *, beside: bool = False) -> Iterator[str]:
    """The URL of the database: the given one, or the embedded one, which runs as long as this block.

    `beside` a server that runs the embedded one already, it is that server's.
    """
    if settings.database_url is not None:
        yield settings.database_url.reveal()
        return
    running = running_url(settings.data_dir / "postgres") if beside else None
    if running is not None:
        yield running
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(settings.data_dir / "postgres") as postgres:
        yield postgres.url


async def migrated(settings: Settings, url: str) -> None:
    """Bring the tables up to date, or refuse to start on others than this version knows."""
    if settings.embedded_database or settings.database.migrate_on_start:
        await upgrade(url)
    elif (found := await current(url)) != head():
        raise LaunchRefused(
            f"The database is at revision {found}, this version needs {head()}: run `photostore migrate`, "
            "or set DATABASE__MIGRATE_ON_START=true."
        )

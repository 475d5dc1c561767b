"""The database before the first request: where it is, and its tables."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from photostore_adapters.embedded_postgres.server import EmbeddedPostgres, running_url
from photostore_adapters.launch import LaunchRefused
from photostore_adapters.postgres.migrate import Schema, SchemaTooNew, Standing, head, schema, upgrade
from photostore_adapters.settings import Settings

__all__ = ["Schema", "Standing", "brought_up", "database", "head", "migrated", "schema", "too_new"]

_log = structlog.get_logger(__name__)


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
    """Bring the tables up to date, or refuse to start on others than this version can run on.

    Those of a newer version are fine where that says so: while releases are rolled out, and back, both run side by side.
    """
    patience = settings.database.connect_timeout_seconds
    if settings.embedded_database or settings.database.migrate_on_start:
        found = await brought_up(url, connect_timeout=patience)
    else:
        found = await schema(url, connect_timeout=patience)
        if found.standing is Standing.BEHIND:
            at = "has no tables yet" if found.found is None else f"is at revision {found.found}"
            raise LaunchRefused(
                f"The database {at}, this version needs revision {found.head}: run `photostore migrate`, "
                "or set DATABASE__MIGRATE_ON_START=true."
            )
        if found.standing is Standing.TOO_NEW:
            raise LaunchRefused(too_new(found))
    if found.standing is Standing.NEWER:
        _log.info("the tables are those of a newer version, which this one can run on", revision=found.found)


async def brought_up(url: str, *, connect_timeout: float = 3) -> Schema:
    """Migrate; how the tables stood before. Refuse where this version cannot run on them."""
    try:
        return await upgrade(url, connect_timeout=connect_timeout)
    except SchemaTooNew as refusal:
        raise LaunchRefused(too_new(refusal.schema)) from None


def too_new(found: Schema) -> str:
    return (
        f"The database is at revision {found.found} of a newer version. It can be used by versions that know revision "
        f"{found.needs or found.found}; this one knows {found.head} at most: run a newer version."
    )

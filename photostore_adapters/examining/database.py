"""Whether the database is there, and is what photostore needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from photostore.shared.clock import Clock
from photostore_adapters.examining.finding import Finding, Findings, Part
from photostore_adapters.examining.skew import skew_found
from photostore_adapters.settings import Settings

_PART = Part("database")
OLDEST_VERSION = 15
EXTENSIONS = ("pg_trgm",)
# Sessions, uploads and claims end by the clock of whichever process looks.
_AT_MOST_APART = timedelta(seconds=5)
_HEARD_SECONDS = 2.0


_GRANT = "Name the tables' owner in DATABASE_URL, or grant its user all on all tables and sequences of the schema."
# Some of ours: others may have tables beside them.
_CLOSED = """
    SELECT min(relname::text) FROM pg_class
    WHERE relnamespace = to_regnamespace(current_schema()) AND NOT (
        has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
        AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')
    ) AND relname IN ('users', 'photos', 'uploads', 'changes', 'audit_log', 'pgqueuer')
"""


async def examine_database(settings: Settings, url: str | None, clock: Clock) -> Findings:
    if url is None:
        yield _PART.skipped("connection", "The embedded database is made at the first start.")
        return
    try:
        async with _connected(url, settings.database.connect_timeout_seconds) as connection:
            yield _PART.ok("connection", "It answers.")
            async for finding in _examine(connection, settings, clock):
                yield finding
    except asyncpg.InsufficientPrivilegeError as error:
        yield _PART.failed("rights", f"Its user may not even look: {error}.", _GRANT)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        yield _unreachable(url, error)


@asynccontextmanager
async def _connected(url: str, patience: float) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(
        url, timeout=patience, command_timeout=patience, server_settings={"application_name": "photostore doctor"}
    )
    try:
        yield connection
    finally:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=patience)


def _unreachable(url: str, error: Exception) -> Finding:
    """Told by its kind: the message of a driver could hold the password."""
    where = urlsplit(url)
    place = f"{where.hostname or 'a socket'}:{where.port or 5432}"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return _PART.failed(
            "credentials", f"{place} refuses the user or the password.", "Put the right ones into DATABASE_URL."
        )
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        name = where.path.lstrip("/")
        return _PART.failed(
            "name", f"{place} has no database {name!r}.", f"Make it (createdb {name}), or mend DATABASE_URL."
        )
    if isinstance(error, asyncpg.TooManyConnectionsError):
        return _PART.failed(
            "connections", f"{place} has no connection left.", "Raise max_connections, or lower DATABASE__POOL_SIZE."
        )
    fix = "Start Postgres, open the way to it (firewall, listen_addresses), or mend DATABASE_URL."
    return _PART.failed("connection", f"{place} does not answer ({type(error).__name__}).", fix)


async def _examine(connection: Any, settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    yield _version(connection.get_server_version().major, await connection.fetchval("SHOW server_encoding"))
    async for finding in _schema(connection):
        yield finding
    before = clock.now()
    theirs = await connection.fetchval("SELECT clock_timestamp()")
    yield skew_found(_PART, "the database", theirs, before + (clock.now() - before) / 2, at_most=_AT_MOST_APART)
    yield await _writable(connection)
    yield await _room(connection, settings)
    yield await _listening(connection)


def _version(major: int, encoding: str) -> Finding:
    if major < OLDEST_VERSION:
        return _PART.failed("version", f"It is Postgres {major}.", f"Move to Postgres {OLDEST_VERSION} or later.")
    if encoding != "UTF8":
        fix = "Make the database anew with ENCODING 'UTF8'."
        return _PART.failed("encoding", f"Its encoding is {encoding}: names in other scripts cannot be kept.", fix)
    return _PART.ok("version", f"It is Postgres {major}.")


async def _schema(connection: Any) -> AsyncIterator[Finding]:
    from photostore_adapters.postgres.migrate import head, knows

    for name in EXTENSIONS:
        yield await _extension(connection, name)
    newest, found = head(), await _revision(connection)
    if found == newest:
        yield _PART.ok("migrations", f"The tables are at revision {found}.")
    elif found is None or (newest is not None and found < newest):
        told = f"The tables are at revision {found or 'none'}, this version needs {newest}."
        yield _PART.failed("migrations", told, "Run `photostore migrate`.")
    elif knows(await _needed(connection)):
        yield _PART.ok(
            "migrations", f"The tables are at revision {found} of a newer version, and this one can run on them."
        )
    else:
        told = f"The tables are at revision {found}, which this version does not know: it knows {newest}."
        yield _PART.failed("migrations", told, "Run the version of photostore that migrated it, or a later one.")


async def _extension(connection: Any, name: str) -> Finding:
    if await connection.fetchval("SELECT 1 FROM pg_extension WHERE extname = $1", name):
        return _PART.ok(f"extension {name}", "It is there.")
    if await connection.fetchval("SELECT 1 FROM pg_available_extensions WHERE name = $1", name):
        fix = (
            f"Run `photostore migrate`; where its user may not: CREATE EXTENSION {name}; as the owner of the database."
        )
        return _PART.failed(f"extension {name}", "It is not in this database.", fix)
    fix = "Install Postgres' contrib modules (postgresql-contrib), or allow the extension at the provider's."
    return _PART.failed(f"extension {name}", "The server does not have it.", fix)


async def _revision(connection: Any) -> str | None:
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return found


async def _needed(connection: Any) -> str | None:
    if await connection.fetchval("SELECT to_regclass('schema_compatibility')") is None:
        return None
    needed: str | None = await connection.fetchval("SELECT needs FROM schema_compatibility")
    return needed


async def _writable(connection: Any) -> Finding:
    if await connection.fetchval("SHOW transaction_read_only") == "on":
        fix = "Point DATABASE_URL to the primary, not to a standby."
        return _PART.failed("writing", "It takes no writes.", fix)
    if closed := await connection.fetchval(_CLOSED):
        return _PART.failed("writing", f"Its user may not read and write all tables, such as {closed}.", _GRANT)
    return _PART.ok("writing", "It takes writes.")


def connections_of(settings: Settings) -> int:
    """What a process of `photostore serve` takes at most: two pools, what waits for changes, and its worker."""
    worker = 4 + settings.jobs.concurrency + settings.decoder_processes + 1 if settings.jobs.in_server else 0
    return 2 * settings.database.pool_size + 1 + worker


async def _room(connection: Any, settings: Settings) -> Finding:
    most = int(await connection.fetchval("SHOW max_connections"))
    kept = int(await connection.fetchval("SHOW superuser_reserved_connections"))
    needed = connections_of(settings)
    told = f"A server takes {needed} connections at most; the database has {most - kept}."
    if needed > most - kept:
        return _PART.failed(
            "connections", told, "Raise max_connections, or lower DATABASE__POOL_SIZE or JOBS__CONCURRENCY."
        )
    return _PART.ok("connections", f"{told} That is enough for {(most - kept) // needed} of them.")


async def _listening(connection: Any) -> Finding:
    """A pooler that hands each transaction another connection hears nothing."""
    heard = asyncio.Event()

    def hear(*_: object) -> None:
        heard.set()

    await connection.add_listener("photostore_doctor", hear)
    await connection.execute("NOTIFY photostore_doctor")
    with suppress(TimeoutError):
        await asyncio.wait_for(heard.wait(), _HEARD_SECONDS)
    await connection.remove_listener("photostore_doctor", hear)
    if heard.is_set():
        return _PART.ok("notifications", "LISTEN and NOTIFY work.")
    fix = "Point DATABASE_URL to Postgres itself, or to a pooler in session mode (PgBouncer: pool_mode=session)."
    return _PART.failed("notifications", "What is notified is not heard: jobs and changes come late.", fix)

"""`photostore migrate`."""

import asyncio
from collections.abc import Sequence

import click

from photostore_adapters.database import Schema, Standing, brought_up, database, head, schema, too_new
from photostore_adapters.launch import settings_in_force
from photostore_http.commands.tables import show_json
from photostore_http.commands.telling import told_readably

# Beside those of all commands: docs/operations/upgrading.md.
EXIT_CODES = {Standing.CURRENT: 0, Standing.NEWER: 0, Standing.BEHIND: 3, Standing.TOO_NEW: 4}
_PAUSE_SECONDS = 1.0


def migrate() -> None:
    with told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url:
            before = asyncio.run(brought_up(url, connect_timeout=settings.database.connect_timeout_seconds))
        if before.standing is Standing.NEWER:
            click.echo(_told(before))
        else:
            click.echo(f"The database is at revision {head()}.")


def check(*, wait: float, as_json: bool) -> None:
    """Tell whether this version can run on the tables as they are; for so many seconds wait until it can."""
    with told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url:
            found = asyncio.run(_awaited(url, wait, connect_timeout=settings.database.connect_timeout_seconds))
    if as_json:
        show_json(found)
    else:
        click.echo(_told(found))
    raise SystemExit(EXIT_CODES[found.standing])


async def _awaited(url: str, seconds: float, *, connect_timeout: float) -> Schema:
    """As soon as it can run, or as it is then. A database that does not answer may do so later."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        try:
            found = await schema(url, connect_timeout=connect_timeout)
        except Exception:
            if loop.time() >= until:
                raise
        else:
            if found.standing is not Standing.BEHIND or loop.time() >= until:
                return found
        await asyncio.sleep(_PAUSE_SECONDS)


def _told(found: Schema) -> str:
    match found.standing:
        case Standing.CURRENT:
            return f"The database is at revision {found.found}, as this version needs it."
        case Standing.NEWER:
            return f"The database is at revision {found.found} of a newer version, and this one can run on it."
        case Standing.TOO_NEW:
            return too_new(found)
        case Standing.BEHIND:
            return "\n".join(_told_pending(found))


def _told_pending(found: Schema) -> Sequence[str]:
    at = "has no tables yet" if found.found is None else f"is at revision {found.found}"
    return [f"The database {at}. Pending:", *(f"  {each.revision}  {each.title}" for each in found.pending)]

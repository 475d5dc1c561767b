"""`photostore renditions ...`."""

from collections.abc import Callable
from uuid import UUID

import click
import uvloop

from photostore.photo.commands.rebuild_renditions import Selection
from photostore.shared.ids import UserId
from photostore_adapters.database import database, migrated
from photostore_adapters.launch import Settings, settings_in_force
from photostore_adapters.rebuilding import Rebuild, RebuildProgress
from photostore_adapters.rebuilding import rebuild as rebuilt
from photostore_http.commands.progress import rebuilding_bar
from photostore_http.commands.telling import told_readably


def rebuild(owner: UUID | None, per_second: float | None, *, missing: bool, failed: bool) -> None:
    selection = Selection.MISSING if missing else Selection.FAILED if failed else Selection.ALL
    wanted = Rebuild(owner=UserId(owner) if owner else None, selection=selection, per_second=per_second)
    with told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url, rebuilding_bar() as told:
            done = uvloop.run(_rebuild(settings, url, wanted, told))
    click.echo(f"{done.seen} photos looked at, {done.enqueued} decoded again.")


async def _rebuild(
    settings: Settings, url: str, wanted: Rebuild, told: Callable[[RebuildProgress], None]
) -> RebuildProgress:
    await migrated(settings, url)
    return await rebuilt(settings, url, wanted, told)

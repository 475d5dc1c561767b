"""`photostore uploads ...`."""

import click
import uvloop

from photostore.upload.upload import Upload
from photostore_adapters.database import database, migrated
from photostore_adapters.launch import Settings, settings_in_force
from photostore_adapters.sweeping import sweep_uploads
from photostore_http.commands.telling import told_readably


def sweep() -> None:
    with told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url:
            ended = uvloop.run(_sweep(settings, url))
    click.echo(f"{ended} uploads ended.")


async def _sweep(settings: Settings, url: str) -> int:
    await migrated(settings, url)
    return await sweep_uploads(settings, url, _tell_ended)


def _tell_ended(upload: Upload) -> None:
    name = upload.filename or "without a name"
    click.echo(f"{upload.id}  {name}, {upload.reserved_bytes} bytes given back to {upload.owner_id}")

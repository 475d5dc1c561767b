"""`photostore serve`."""

from pathlib import Path

import click
import uvloop

from photostore_adapters.database import database, migrated
from photostore_adapters.launch import Settings, settings_in_force
from photostore_http.commands.loading import loading
from photostore_http.commands.telling import told_readably
from photostore_http.greeting import greeting


def serve(port: int | None, data_dir: Path | None) -> None:
    with told_readably():
        settings = settings_in_force(port=port, data_dir=data_dir)
        with database(settings) as url:
            uvloop.run(_serve(settings, url))


async def _serve(settings: Settings, url: str) -> None:
    await migrated(settings, url)
    with loading():  # what must be mended first was told without it
        from photostore_http.main import serve

    hello = greeting(settings.base_url, local_accounts=settings.local_accounts_enabled)
    await serve(settings, url, on_ready=lambda: click.echo(hello))

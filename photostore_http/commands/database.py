"""What a command does on the database, beside whatever runs."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import uvloop

from photostore_adapters.database import database, migrated
from photostore_adapters.launch import Settings, settings_in_force
from photostore_http.commands.telling import told_readably

T = TypeVar("T")


def on_database(do: Callable[[Settings, str], Awaitable[T]]) -> T:
    """Call it with the settings in force and the URL of the database, once its tables are as they should be."""

    async def run(settings: Settings, url: str) -> T:
        await migrated(settings, url)
        return await do(settings, url)

    with told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url:
            return uvloop.run(run(settings, url))

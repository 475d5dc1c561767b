"""`photostore migrate`."""

import asyncio

import click

from photostore_adapters.database import database, head, upgrade
from photostore_adapters.launch import settings_in_force
from photostore_http.commands.telling import told_readably


def migrate() -> None:
    with told_readably():
        with database(settings_in_force(), beside=True) as url:
            asyncio.run(upgrade(url))
        click.echo(f"The database is at revision {head()}.")

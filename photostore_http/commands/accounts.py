"""`photostore user ...`."""

import asyncio

import click

from photostore_adapters.administering import make_admin as made_admin
from photostore_adapters.database import database
from photostore_adapters.launch import settings_in_force
from photostore_http.commands.telling import told_readably


def make_admin(who: str) -> None:
    with told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url:
            asyncio.run(made_admin(settings, url, who))
    click.echo(f"{who} is an administrator now.")

"""`photostore settings`."""

import click

from photostore_adapters.launch import described, settings_in_force
from photostore_http.commands.telling import told_readably


def show_settings() -> None:
    with told_readably():
        rows = described(settings_in_force())
    keys, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    for key, value, origin in rows:
        click.echo(f"{key:<{keys}}  {value:<{values}}  {origin}")

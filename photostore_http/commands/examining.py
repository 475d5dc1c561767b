"""`photostore doctor`."""

import click
import uvloop

from photostore_adapters.examining import examined
from photostore_adapters.launch import settings_in_force
from photostore_http.commands.telling import told_readably


def examine() -> None:
    with told_readably():
        faults = uvloop.run(examined(settings_in_force()))
    for name, fault in faults.items():
        click.echo(f"decoder {name:<6}  {'ok' if fault is None else fault}")
    if any(fault is not None for fault in faults.values()):
        raise SystemExit(1)

"""How a command tells what went wrong."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from photostore_adapters.launch import LaunchRefused, launching


@contextmanager
def told_readably() -> Iterator[None]:
    """What must be mended outside photostore is told in a line, without a traceback; the exit code is 2."""
    try:
        with launching():
            yield
    except LaunchRefused as refusal:
        click.echo(f"photostore: {refusal}", err=True)
        raise SystemExit(2) from None


def agreed(plan: str, *, yes: bool) -> bool:
    """Tell what is going to happen, and ask, unless that was agreed to beforehand. Nobody there to ask is a mistake."""
    click.echo(plan, err=True)
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError("There is nobody to ask: agree to it with --yes.")
    if click.confirm("Shall that be done?", err=True):
        return True
    click.echo("Nothing was changed.", err=True)
    return False

"""How a command tells what went wrong."""

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

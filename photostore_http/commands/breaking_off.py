"""Long commands that people break off."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

# As a shell has it for a program that Ctrl-C ended.
_EXIT_CODE = 130


@contextmanager
def told_when_broken_off(message: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"photostore: {message}", err=True)
        raise SystemExit(_EXIT_CODE) from None

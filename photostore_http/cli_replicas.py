"""`photostore replicas ...`, declared."""

import click

from photostore_http.cli_administration import JSON, YES


@click.group()
def replicas() -> None:
    """Look after further stores of originals."""


@replicas.command("status")
@JSON
def show_replicas(*, as_json: bool) -> None:
    """Show how each replica is. The exit code is 1 when one fails, or when an original is in no store."""
    from photostore_http.commands.replicas import status

    status(as_json=as_json)


@replicas.command("copy")
@click.argument("names", nargs=-1)
@JSON
def copy_to_replicas(names: tuple[str, ...], *, as_json: bool) -> None:
    """Look at every photo now, and copy what the replicas NAMES (all of them, if none is named) lack.

    `primary` copies back what the primary store lost. New uploads go first, and broken off, workers go on. The exit code is 1
    when a store fails, or when an original is in none.
    """
    from photostore_http.commands.replicas import copy

    copy(names, as_json=as_json)


@replicas.command("forget")
@click.argument("name")
@YES
def forget_replica(name: str, *, yes: bool) -> None:
    """Forget what is known of the replica NAME: it is no more, or it is another store now."""
    from photostore_http.commands.replicas import forget

    forget(name, yes=yes)

"""`photostore ...`: the command line."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import uvloop

from photostore_http import main as photostore
from photostore_http.greeting import greeting

_PR_SET_PDEATHSIG = 1


@contextmanager
def _told_readably() -> Iterator[None]:
    """What must be mended outside photostore is told in a line, without a traceback; the exit code is 2."""
    try:
        with photostore.launching():
            yield
    except photostore.LaunchRefused as refusal:
        click.echo(f"photostore: {refusal}", err=True)
        raise SystemExit(2) from None


def _stop_with_parent() -> None:
    """On Linux: SIGTERM when the process that started this one dies, so that nothing is left running."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            raise SystemExit(0)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="photostore")
def main() -> None:
    """A photo storage backend. Settings come from settings.yaml and the environment: see `photostore settings`."""


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Overrides PORT.")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Overrides DATA_DIR.")
@click.option("--stop-with-parent", is_flag=True, help="Stop when the process that started this one ends (Linux).")
def serve(port: int | None, data_dir: Path | None, *, stop_with_parent: bool) -> None:
    """Serve the API, and do the jobs as well unless JOBS__IN_SERVER is false.

    With nothing set it runs the embedded default: its own Postgres, photos in a folder, local accounts.
    """
    if stop_with_parent:
        _stop_with_parent()
    with _told_readably():
        settings = photostore.settings_in_force(port=port, data_dir=data_dir)
        with photostore.database(settings) as url:
            uvloop.run(_serve(settings, url))


async def _serve(settings: photostore.Settings, url: str) -> None:
    await photostore.migrated(settings, url)
    hello = greeting(settings.base_url, local_accounts=settings.local_accounts_enabled)
    await photostore.serve(settings, url, on_ready=lambda: click.echo(hello))


@main.command()
def worker() -> None:
    """Do jobs, and nothing else. Any number of workers may run, on any number of machines."""
    with _told_readably():
        settings = photostore.settings_in_force()
        if settings.embedded_database:
            raise photostore.LaunchRefused(
                "A worker of its own needs DATABASE_URL; the embedded one is part of `serve`."
            )
        with photostore.database(settings) as url:
            uvloop.run(_work(settings, url))


async def _work(settings: photostore.Settings, url: str) -> None:
    await photostore.migrated(settings, url)
    await photostore.work(settings, url)


@main.command()
def migrate() -> None:
    """Bring the database's tables up to date. Safe to run while others do."""
    with _told_readably():
        with photostore.database(photostore.settings_in_force()) as url:
            asyncio.run(photostore.migrate(url))
        click.echo(f"The database is at revision {photostore.head()}.")


@main.command("settings")
def show_settings() -> None:
    """Show the settings in force, and where each comes from. Secrets do not show."""
    with _told_readably():
        rows = photostore.described(photostore.settings_in_force())
    keys, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    for key, value, origin in rows:
        click.echo(f"{key:<{keys}}  {value:<{values}}  {origin}")


@main.group()
def user() -> None:
    """Look after accounts."""


@user.command("make-admin")
@click.argument("who")
def make_admin(who: str) -> None:
    """Make WHO an administrator: a user's id (as GET /auth/me tells it), or the address of a local account."""
    with _told_readably():
        settings = photostore.settings_in_force()
        with photostore.database(settings) as url:
            asyncio.run(photostore.make_admin(settings, url, who))
    click.echo(f"{who} is an administrator now.")

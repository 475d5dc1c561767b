"""`photostore ...`: the command line."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click
import uvloop

from photostore.photo.commands.rebuild_renditions import Selection
from photostore.shared.ids import UserId
from photostore.upload.upload import Upload
from photostore_http import main as photostore
from photostore_http.greeting import greeting
from photostore_http.progress import rebuilding_bar

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
@click.option("--stop-with-parent", is_flag=True, help="Stop when the process that started this one ends (Linux).")
def worker(*, stop_with_parent: bool) -> None:
    """Do jobs, and nothing else. Any number of workers may run, on any number of machines."""
    if stop_with_parent:
        _stop_with_parent()
    with _told_readably():
        settings = photostore.settings_in_force()
        if settings.embedded_database:
            raise photostore.LaunchRefused(
                "A worker of its own needs DATABASE_URL; the embedded one is part of `serve`."
            )
        with photostore.database(settings, beside=True) as url:
            uvloop.run(_work(settings, url))


async def _work(settings: photostore.Settings, url: str) -> None:
    await photostore.migrated(settings, url)
    await photostore.work(settings, url)


@main.command()
def migrate() -> None:
    """Bring the database's tables up to date. Safe to run while others do."""
    with _told_readably():
        with photostore.database(photostore.settings_in_force(), beside=True) as url:
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
        with photostore.database(settings, beside=True) as url:
            asyncio.run(photostore.make_admin(settings, url, who))
    click.echo(f"{who} is an administrator now.")


@main.group()
def renditions() -> None:
    """Look after what is made of photos."""


@renditions.command("rebuild")
@click.option("--owner", type=click.UUID, help="Of this user alone, by id.")
@click.option("--missing", is_flag=True, help="Only photos that lack a rendition, or have it of an older encoder.")
@click.option("--failed", is_flag=True, help="Only photos that could not be decoded.")
@click.option(
    "--per-second", type=click.FloatRange(min=0, min_open=True), help="Begin so many photos a second at most."
)
def rebuild_renditions(owner: UUID | None, *, missing: bool, failed: bool, per_second: float | None) -> None:
    """Decode photos again: their renditions, metadata and hashes.

    What is as it should be is not made again, and new uploads go first. Broken off, go on with --missing: photos that were
    enqueued stay in the queue for any worker.
    """
    if missing and failed:
        raise click.UsageError("--missing leaves out the photos that failed: choose one of the two.")
    selection = Selection.MISSING if missing else Selection.FAILED if failed else Selection.ALL
    wanted = photostore.Rebuild(owner=UserId(owner) if owner else None, selection=selection, per_second=per_second)
    with _told_readably():
        settings = photostore.settings_in_force()
        with photostore.database(settings, beside=True) as url, rebuilding_bar() as told:
            done = uvloop.run(_rebuild(settings, url, wanted, told))
    click.echo(f"{done.seen} photos looked at, {done.enqueued} decoded again.")


async def _rebuild(
    settings: photostore.Settings,
    url: str,
    wanted: photostore.Rebuild,
    told: Callable[[photostore.RebuildProgress], None],
) -> photostore.RebuildProgress:
    await photostore.migrated(settings, url)
    return await photostore.rebuild(settings, url, wanted, told)


@main.group()
def uploads() -> None:
    """Look after uploads."""


@uploads.command("sweep")
def sweep_uploads() -> None:
    """End the uploads whose time is over now, instead of within a minute, and tell which."""
    with _told_readably():
        settings = photostore.settings_in_force()
        with photostore.database(settings, beside=True) as url:
            ended = uvloop.run(_sweep_uploads(settings, url))
    click.echo(f"{ended} uploads ended.")


async def _sweep_uploads(settings: photostore.Settings, url: str) -> int:
    await photostore.migrated(settings, url)
    return await photostore.sweep_uploads(settings, url, _tell_ended)


def _tell_ended(upload: Upload) -> None:
    name = upload.filename or "without a name"
    click.echo(f"{upload.id}  {name}, {upload.reserved_bytes} bytes given back to {upload.owner_id}")


@main.group()
def quota() -> None:
    """Look after what owners keep."""


@quota.command("reconcile")
def reconcile_quotas() -> None:
    """Count anew what every owner keeps, beside whatever runs. What was off is told, and right afterwards; the exit code is
    then 1."""
    with _told_readably():
        settings = photostore.settings_in_force()
        with photostore.database(settings, beside=True) as url:
            done = uvloop.run(_reconcile_quotas(settings, url))
    for owner, drift in done.drift.items():
        told = ", ".join(f"{figure} by {off:+d}" for figure, off in drift.items())
        click.echo(f"{owner}  too large were {told}")
    click.echo(f"{done.owners} owners counted, {len(done.drift)} of them were off.")
    if done.drift:
        raise SystemExit(1)


async def _reconcile_quotas(settings: photostore.Settings, url: str) -> photostore.Reconciled:
    await photostore.migrated(settings, url)
    return await photostore.reconcile_quotas(settings, url)


@main.command()
def doctor() -> None:
    """Try what photostore depends on, and tell what works. The exit code is 1 when something does not."""
    with _told_readably():
        faults = uvloop.run(photostore.examined(photostore.settings_in_force()))
    for name, fault in faults.items():
        click.echo(f"decoder {name:<6}  {'ok' if fault is None else fault}")
    if any(fault is not None for fault in faults.values()):
        raise SystemExit(1)

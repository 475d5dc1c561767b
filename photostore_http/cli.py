"""`photostore ...`: the command line. What a command does is loaded when it is asked for: see `commands/`."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import click

_PR_SET_PDEATHSIG = 1


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
    from photostore_http.commands.serving import serve

    serve(port, data_dir)


@main.command()
@click.option("--stop-with-parent", is_flag=True, help="Stop when the process that started this one ends (Linux).")
def worker(*, stop_with_parent: bool) -> None:
    """Do jobs, and nothing else. Any number of workers may run, on any number of machines."""
    if stop_with_parent:
        _stop_with_parent()
    from photostore_http.commands.working import work

    work()


@main.command()
def migrate() -> None:
    """Bring the database's tables up to date. Safe to run while others do."""
    from photostore_http.commands.migrating import migrate

    migrate()


@main.command("settings")
def show_settings() -> None:
    """Show the settings in force, and where each comes from. Secrets do not show."""
    from photostore_http.commands.settings import show_settings

    show_settings()


@main.group()
def user() -> None:
    """Look after accounts."""


@user.command("make-admin")
@click.argument("who")
def make_admin(who: str) -> None:
    """Make WHO an administrator: a user's id (as GET /auth/me tells it), or the address of a local account."""
    from photostore_http.commands.accounts import make_admin

    make_admin(who)


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
    from photostore_http.commands.renditions import rebuild

    rebuild(owner, per_second, missing=missing, failed=failed)


@main.group()
def uploads() -> None:
    """Look after uploads."""


@uploads.command("sweep")
def sweep_uploads() -> None:
    """End the uploads whose time is over now, instead of within a minute, and tell which."""
    from photostore_http.commands.uploads import sweep

    sweep()


@main.group()
def quota() -> None:
    """Look after what owners keep."""


@quota.command("reconcile")
def reconcile_quotas() -> None:
    """Count anew what every owner keeps, beside whatever runs. What was off is told, and right afterwards; the exit code is
    then 1."""
    from photostore_http.commands.quotas import reconcile

    reconcile()


@main.command()
def doctor() -> None:
    """Try what photostore depends on, and tell what works. The exit code is 1 when something does not."""
    from photostore_http.commands.examining import examine

    examine()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Each event as it was published, one on a line.")
def listen(*, as_json: bool) -> None:
    """Print each change as it is published on Redis, until interrupted. Needs REDIS__URL; the exit code is 2 without."""
    from photostore_http.commands.listening import listen

    listen(as_json=as_json)

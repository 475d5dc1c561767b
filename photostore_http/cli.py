"""`photostore ...`: the command line. What a command does is loaded when it is asked for: see `commands/`."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from photostore_http.cli_administration import JSON, YES, jobs, user
from photostore_http.cli_replicas import replicas

_PR_SET_PDEATHSIG = 1
BROKEN_OFF = 130


def _stop_with_parent() -> None:
    """On Linux: SIGTERM when the process that started this one dies, so that nothing is left running."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            raise SystemExit(0)


class Commands(click.Group):
    """Broken off by Ctrl-C, whatever has no better answer ends as a shell says it, and not as if something was found wrong.

    SIGTERM is the same. The first process of a container never hears of it otherwise.
    """

    def invoke(self, ctx: click.Context) -> Any:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo("photostore: broken off.", err=True)
            ctx.exit(BROKEN_OFF)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="photostore")
def main() -> None:
    """A photo storage backend. Settings come from settings.yaml and the environment: see `photostore settings`."""


main.add_command(user)
main.add_command(jobs)
main.add_command(replicas)


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
@click.option(
    "--check", "only_check", is_flag=True, help="Change nothing; tell whether this version can run on the tables."
)
@click.option(
    "--wait",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="With --check: wait so long at most until it can, as while somebody else migrates.",
)
@click.option("--json", "as_json", is_flag=True, help="With --check: tell it as JSON.")
def migrate(*, only_check: bool, wait: float | None, as_json: bool) -> None:
    """Bring the database's tables up to date. Safe to run while others do, and beside servers and workers.

    The exit code of --check is 0 when this version can run on the tables as they are, 3 when they lack migrations, which it
    names, 4 when they are those of a newer version that this one cannot run on, 2 when the database does not answer.
    """
    if not only_check and (wait is not None or as_json):
        raise click.UsageError("--wait and --json go with --check.")
    from photostore_http.commands.migrating import check, migrate

    if only_check:
        check(wait=wait or 0, as_json=as_json)
    else:
        migrate()


@main.command("settings")
@JSON
def show_settings(*, as_json: bool) -> None:
    """Show the settings in force, and where each comes from. Secrets do not show."""
    from photostore_http.commands.settings import show_settings

    show_settings(as_json=as_json)


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
@JSON
def sweep_uploads(*, as_json: bool) -> None:
    """End the uploads whose time is over now, instead of within a minute, and tell which."""
    from photostore_http.commands.uploads import sweep

    sweep(as_json=as_json)


@main.group()
def quota() -> None:
    """Look after what owners keep."""


@quota.command("reconcile")
@JSON
def reconcile_quotas(*, as_json: bool) -> None:
    """Count anew what every owner keeps, beside whatever runs. What was off is told, and right afterwards; the exit code is
    then 1."""
    from photostore_http.commands.quotas import reconcile

    reconcile(as_json=as_json)


@main.command("export")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--tar", metavar="FILE", help="Write one tar file instead of a folder; - is standard output.")
@click.option("--owner", metavar="ID|EMAIL", help="Of this user alone.")
@click.option("--verify", is_flag=True, help="Read again what lies in DIR, instead of believing its size.")
@click.option("--json", "as_json", is_flag=True, help="Tell what was done as JSON.")
def export_libraries(folder: Path | None, tar: str | None, owner: str | None, *, verify: bool, as_json: bool) -> None:
    """Write photos out, with all that is known of them: JSON and XMP beside each, albums, and a manifest (BagIt).

    Run again into the same DIR, only what is missing or differs is written. The exit code is 1 when a photo could not be
    exported as it was uploaded.
    """
    if (folder is None) is (tar is None):
        raise click.UsageError("Say where to: DIR, or --tar FILE.")
    if verify and folder is None:
        raise click.UsageError("--verify looks at what lies in a DIR.")
    from photostore_http.commands.exporting import export

    export(folder, tar, owner, verify=verify, as_json=as_json)


@main.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--owner", metavar="ID|EMAIL", help="Whose photos they become.")
@click.option("--from", "of", metavar="ID|EMAIL", help="Of an export of several users: whose photos to take.")
@click.option("--dry-run", is_flag=True, help="Look at everything, tell what would be done, and do nothing.")
@click.option("--album-from-folders", is_flag=True, help="Make an album of each folder that holds pictures.")
@click.option("--json", "as_json", is_flag=True, help="Tell what was done as JSON.")
def import_libraries(
    paths: tuple[Path, ...],
    owner: str | None,
    of: str | None,
    *,
    dry_run: bool,
    album_from_folders: bool,
    as_json: bool,
) -> None:
    """Take photos in: an export (folder or tar), a folder of pictures, or a Google Takeout (folder, or its .zip or .tgz files
    as they were downloaded).

    Run again, what came in is known by its bytes, and only what is missing is done. The exit code is 1 when something failed;
    the rest comes in all the same.
    """
    from photostore_http.commands.importing import take_in

    take_in(paths, owner, of, dry_run=dry_run, album_from_folders=album_from_folders, as_json=as_json)


@main.command()
@JSON
def doctor(*, as_json: bool) -> None:
    """Try what photostore depends on, and tell what works and how to mend what does not.

    Database, blob store, identity provider, Redis, disks, decoders and settings, each for some seconds at most; nothing is left
    behind. The exit code is 1 when something does not work.
    """
    from photostore_http.commands.examining import examine

    examine(as_json=as_json)


@main.command()
@click.option("--repair", is_flag=True, help="Mend what is found, after telling what that means.")
@click.option("--yes", is_flag=True, help="Agree to that beforehand.")
@click.option("--checksums", is_flag=True, help="Read every original in full, and compare its SHA-256.")
@click.option("--owner", type=click.UUID, help="Of this user alone, by id.")
@click.option("--per-second", type=click.IntRange(min=1), help="Read so many bytes of originals a second at most.")
@click.option(
    "--photos-per-second", type=click.FloatRange(min=0, min_open=True), help="Look at so many photos a second at most."
)
@click.option("--restart", is_flag=True, help="Begin anew instead of going on with what was broken off.")
@click.option(
    "--all-lost", is_flag=True, help="Tell the owners also of so many lost originals that it looks like a mistake."
)
@JSON
def fsck(
    owner: UUID | None,
    per_second: int | None,
    photos_per_second: float | None,
    *,
    repair: bool,
    yes: bool,
    checksums: bool,
    restart: bool,
    all_lost: bool,
    as_json: bool,
) -> None:
    """Look whether rows, bytes and counters agree, beside whatever runs; mend them with --repair.

    Without --repair nothing is changed. Broken off, the same command goes on where it was. No original and no photo is ever
    removed. The exit code is 0 when nothing is wrong any more, 1 when something is, 2 when it could not be looked at.
    """
    from photostore_http.commands.checking import check

    check(
        owner,
        per_second,
        photos_per_second,
        checksums=checksums,
        repair=repair,
        restart=restart,
        all_lost=all_lost,
        yes=yes,
        as_json=as_json,
    )


@main.command("claim-store")
@YES
def claim_store(*, yes: bool) -> None:
    """Let the rows of a restored database say what the blob store holds, and its replicas.

    Nothing is removed by itself from a store that another state of the database has swept, until this is said. The exit code is
    1 when a store could not be claimed.
    """
    from photostore_http.commands.replicas import claim

    claim(yes=yes)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Each event as it was published, one on a line.")
def listen(*, as_json: bool) -> None:
    """Print each change as it is published on Redis, until interrupted. Needs REDIS__URL; the exit code is 2 without."""
    from photostore_http.commands.listening import listen

    listen(as_json=as_json)

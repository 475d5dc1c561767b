"""`photostore export`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
import msgspec
import uvloop

from photostore_adapters.database import database, migrated
from photostore_adapters.exporting import Exported, export_to_folder, export_to_tar, installation
from photostore_adapters.launch import LaunchRefused, Settings, settings_in_force
from photostore_http.commands.breaking_off import told_when_broken_off
from photostore_http.commands.progress import Bar, photos_bar
from photostore_http.commands.tables import Table, bytes_told, show
from photostore_http.commands.telling import told_readably

_STANDARD_OUTPUT = "-"
_UNFINISHED = ".unfinished"


def export(folder: Path | None, tar: str | None, owner: str | None, *, verify: bool, as_json: bool) -> None:
    with told_when_broken_off("Broken off. Run it again to go on."), told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url, photos_bar() as bar:
            if folder is not None:
                done = uvloop.run(_to_folder(settings, url, folder, owner, verify=verify, bar=bar))
            else:
                with _opened(tar or _STANDARD_OUTPUT) as (file, name):
                    done = uvloop.run(_to_tar(settings, url, file, name, owner, bar=bar))
    if tar == _STANDARD_OUTPUT:
        click.echo(msgspec.json.encode(done) if as_json else _line(done), err=True)
    else:
        show(done, *_tables(done), as_json=as_json)
        if not as_json:
            click.echo(_line(done))
    if done.faults:
        raise SystemExit(1)


async def _to_folder(
    settings: Settings, url: str, folder: Path, owner: str | None, *, verify: bool, bar: Bar
) -> Exported:
    await migrated(settings, url)
    async with installation(settings, url) as container:
        return await export_to_folder(container, folder, owner=owner, verify=verify, told=_told_to(bar))


async def _to_tar(settings: Settings, url: str, file: BinaryIO, name: str, owner: str | None, *, bar: Bar) -> Exported:
    await migrated(settings, url)
    async with installation(settings, url) as container:
        return await export_to_tar(container, file, name, owner=owner, told=_told_to(bar))


def _told_to(bar: Bar) -> Callable[[Exported], None]:
    return lambda done: bar(done.photos + len(done.faults), done.photos_expected, done.bytes_written)


@contextmanager
def _opened(tar: str) -> Iterator[tuple[BinaryIO, str]]:
    """The stream, and the name of the folder within. A file has its name when it is whole."""
    if tar == _STANDARD_OUTPUT:
        if sys.stdout.isatty():
            raise LaunchRefused("An archive is nothing to be shown on a terminal: send it to a file or a program.")
        yield sys.stdout.buffer, "photostore-export"
        return
    path = Path(tar)
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        with unfinished.open("wb") as file:
            yield file, path.name.removesuffix(".tar")
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _line(done: Exported) -> str:
    written = f"{done.written} of them written now ({bytes_told(done.bytes_written)})"
    dropped = f", {done.dropped} photos and albums dropped that are there no longer" if done.dropped else ""
    faults = f", {len(done.faults)} photos with faults" if done.faults else ""
    return f"{done.photos} photos of {done.owners} owners exported, {written}{dropped}{faults}."


def _tables(done: Exported) -> list[Table]:
    if not done.faults:
        return []
    rows = [(each.photo_id, each.filename, each.reason) for each in done.faults]
    return [Table(columns=("photo", "filename", "what is the matter"), rows=rows, title="Not as they should be")]

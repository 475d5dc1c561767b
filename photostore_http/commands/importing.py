"""`photostore import`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
import uvloop

from photostore_adapters.database import database, migrated
from photostore_adapters.exporting import installation
from photostore_adapters.importing import ImportReport, ImportWanted, import_libraries
from photostore_adapters.launch import Settings, settings_in_force
from photostore_http.commands.breaking_off import told_when_broken_off
from photostore_http.commands.progress import Bar, photos_bar
from photostore_http.commands.tables import Table, bytes_told, show
from photostore_http.commands.telling import told_readably


def take_in(
    paths: Sequence[Path],
    owner: str | None,
    of: str | None,
    *,
    dry_run: bool,
    album_from_folders: bool,
    as_json: bool,
) -> None:
    wanted = ImportWanted(owner=owner, of=of, dry_run=dry_run, album_from_folders=album_from_folders)
    with told_when_broken_off("Broken off. Run it again to go on."), told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url, photos_bar() as bar:
            report = uvloop.run(_import(settings, url, paths, wanted, bar))
    show(asdict(report), *_tables(report), as_json=as_json)
    if not as_json:
        for line in _lines(report):
            click.echo(line)
    if report.faulty:
        raise SystemExit(1)


async def _import(settings: Settings, url: str, paths: Sequence[Path], wanted: ImportWanted, bar: Bar) -> ImportReport:
    await migrated(settings, url)
    async with installation(settings, url) as container:
        return await import_libraries(
            container, paths, wanted, lambda report: bar(report.done, report.pictures, report.bytes_imported)
        )


def _tables(report: ImportReport) -> list[Table]:
    told = (("Passed over", report.skipped), ("Failed", report.failed))
    columns = ("file", "why")
    return [
        Table(columns=columns, rows=[(each.name, each.reason) for each in files], title=title)
        for title, files in told
        if files
    ]


def _lines(report: ImportReport) -> list[str]:
    would = "would be " if report.dry_run else ""
    completed = f" ({report.completed} completed)" if report.completed else ""
    came = f"{report.imported} photos {would}imported ({bytes_told(report.bytes_imported)})"
    left = f"{len(report.skipped)} files passed over, {len(report.failed)} failed"
    lines = [f"{came}, {report.known} there already{completed}, {left}."]
    if report.albums_created or report.albums_known:
        lines.append(
            f"{report.albums_created} albums {would}made, {report.albums_known} gone on with, "
            f"{report.added_to_albums} photos put into them."
        )
    if report.trashed:
        lines.append(f"{report.trashed} photos {would}put into the trash, where they were.")
    if report.photos_of_others:
        lines.append(f"{report.photos_of_others} photos of albums are other people's, or did not come in.")
    if report.documents:
        lines.append(f"{report.documents} files say something of photos that are not there.")
    if report.stopped is not None:
        lines.append(f"Stopped, {report.not_tried} not tried: {report.stopped}")
    return lines

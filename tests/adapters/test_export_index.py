"""What an export remembers of itself."""

import sqlite3
from pathlib import Path
from uuid import UUID

import pytest

from photostore.transfer.errors import NotAnExport
from photostore.transfer.ports import ExportedFile, Place
from photostore_adapters.transfer.index import SqliteExportIndex, state_kept

OWNER, FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 0xAAAA0001, 0xAAAA0002, 0xAAAA0003))


def test_names_stay_the_same_whatever_comes_or_goes(tmp_path: Path) -> None:
    index = SqliteExportIndex(tmp_path / "index")
    first = index.settle("photo", FIRST, owner=OWNER, wanted="data/a/IMG.jpg")
    second = index.settle("photo", SECOND, owner=OWNER, wanted="data/a/img.JPG")
    index.close()

    index = SqliteExportIndex(tmp_path / "index")
    again = index.settle("photo", SECOND, owner=OWNER, wanted="data/a/img.JPG")
    stale = list(index.stale(OWNER))
    third = index.settle("photo", THIRD, owner=OWNER, wanted="data/a/IMG.jpg")
    moved = index.settle("photo", SECOND, owner=OWNER, wanted="data/b/img.JPG")
    index.close()

    assert (first.path, second.path) == ("data/a/IMG.jpg", "data/a/img (aaaa0002).JPG")
    assert again == Place(second.path, None)
    assert stale == [("photo", FIRST, ["data/a/IMG.jpg", "data/a/IMG.jpg.json", "data/a/IMG.jpg.xmp"])]
    assert third.path == "data/a/IMG.jpg"
    assert moved == Place("data/b/img.JPG", second.path)


def test_files_are_told_owner_by_owner_albums_first_and_photos_by_age(tmp_path: Path) -> None:
    index = SqliteExportIndex(None)
    for kind, thing, path in (
        ("photo", SECOND, "data/b.jpg"),
        ("photo", FIRST, "data/c.jpg"),
        ("album", THIRD, "data/d"),
    ):
        index.settle(kind, thing, owner=OWNER, wanted=path)
        index.keep(kind, thing, ExportedFile(path, bytes(32), 10))

    assert [file.path for file in index.files()] == ["data/d", "data/c.jpg", "data/b.jpg"]
    assert index.totals() == (3, 30)
    index.close()


def test_two_exports_do_not_write_into_one_folder(tmp_path: Path) -> None:
    index = SqliteExportIndex(tmp_path / "index")

    with pytest.raises(NotAnExport, match="Another export"):
        SqliteExportIndex(tmp_path / "index")
    index.close()


def test_a_state_that_is_damaged_is_told(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"no database" * 1000)

    with pytest.raises(NotAnExport, match="another folder"):
        SqliteExportIndex(tmp_path / "index")


def test_a_disk_that_is_full_or_cannot_be_written_is_no_other_export(tmp_path: Path) -> None:
    index = SqliteExportIndex(tmp_path / "index")

    with pytest.raises(OSError, match="disk is full"), state_kept():
        raise sqlite3.OperationalError("database or disk is full")
    with pytest.raises(NotAnExport, match="Another export"):
        SqliteExportIndex(tmp_path / "index")
    with pytest.raises(OSError, match="unable to open"):
        SqliteExportIndex(tmp_path / "none" / "index")
    index.close()

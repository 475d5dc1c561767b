"""Folders and archives to be imported, honest and hostile."""

import io
import os
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from photostore.transfer.errors import SourceUnreadable
from photostore.transfer.ports import ImportSource
from photostore_adapters.transfer.sources import opened

MODES = {"tar": "w", "tgz": "w:gz"}


async def read(source: ImportSource, path: str) -> bytes:
    async with source.open(path) as chunks:
        return b"".join([chunk async for chunk in chunks])


def a_tar(path: Path, members: dict[str, bytes], *more: tarfile.TarInfo) -> Path:
    with tarfile.open(path, MODES[path.suffix[1:]]) as archive:  # type: ignore[call-overload]
        for info in more:
            archive.addfile(info, io.BytesIO(bytes(info.size)))
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def a_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def a_folder(path: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def packed(kind: str, folder: Path, members: dict[str, bytes]) -> Path:
    if kind == "folder":
        return a_folder(folder / "pictures", members)
    if kind == "zip":
        return a_zip(folder / "pictures.zip", members)
    return a_tar(folder / f"pictures.{kind}", members)


HONEST = {"a/one.jpg": b"1" * 3000, "a/one.jpg.json": b"{}", "b/zwei é.jpg": b"2"}


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "tgz"])
async def test_whatever_they_lie_in_files_are_the_same(tmp_path: Path, kind: str) -> None:
    source = opened([packed(kind, tmp_path, HONEST)])

    found = {file.path: file.byte_size for file in source.files()}
    backwards = {path: await read(source, path) for path in reversed(found)}

    assert found == {path: len(content) for path, content in HONEST.items()}
    assert backwards == HONEST
    assert source.find("a/none.jpg") is None
    with pytest.raises(SourceUnreadable):
        await read(source, "a/none.jpg")
    assert list(source.passed_over()) == []
    source.close()


async def test_the_parts_of_a_takeout_are_one(tmp_path: Path) -> None:
    a_zip(tmp_path / "takeout-20240501T1-001.zip", {"Takeout/a/1.jpg": b"1", "Takeout/a/metadata.json": b"{}"})
    a_zip(tmp_path / "takeout-20240501T1-002.zip", {"Takeout/a/1.jpg.json": b"one", "Takeout/a/metadata.json": b"{}"})

    source = opened([tmp_path])

    paths = [file.path for file in source.files()]
    assert sorted(paths) == ["Takeout/a/1.jpg", "Takeout/a/1.jpg.json", "Takeout/a/metadata.json"]
    assert await read(source, "Takeout/a/1.jpg.json") == b"one"
    source.close()


LEADS_ELSEWHERE = ["../evil.jpg", "/etc/evil.jpg", "a/../../evil.jpg", "C:\\evil.jpg", "..\\evil.jpg"]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_that_lead_elsewhere_are_passed_over(tmp_path: Path, kind: str) -> None:
    source = opened([packed(kind, tmp_path, dict.fromkeys(LEADS_ELSEWHERE, b"x") | {"good.jpg": b"x"})])

    assert [file.path for file in source.files()] == ["good.jpg"]
    assert {reason for _, reason in source.passed_over()} == {"Its name leads elsewhere."}
    assert len(list(source.passed_over())) == len(LEADS_ELSEWHERE)
    source.close()


def test_links_and_devices_in_a_tar_file_are_passed_over(tmp_path: Path) -> None:
    kinds = {"link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE, "disk": tarfile.BLKTYPE}
    members = []
    for name, kind in kinds.items():
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        members.append(info)

    source = opened([a_tar(tmp_path / "x.tar", {"good.jpg": b"x"}, *members)])

    assert [file.path for file in source.files()] == ["good.jpg"]
    assert {name for name, _ in source.passed_over()} == set(kinds)


async def test_links_in_a_zip_file_and_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    folder = a_folder(tmp_path / "pictures", {"good.jpg": b"x", "a/inner.jpg": b"x"})
    (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "out").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.jpg")
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, str(tmp_path / "secret.jpg"))

    source, zipped = opened([folder]), opened([tmp_path / "x.zip"])

    assert [file.path for file in source.files()] == ["a/inner.jpg", "good.jpg"]
    assert [name for name, _ in source.passed_over()] == ["link.jpg", "out", "pipe.jpg"]
    # Also when one is put there after the folder was looked through.
    for path in ("link.jpg", "out/secret.jpg", "pipe.jpg", "../secret.jpg"):
        with pytest.raises(SourceUnreadable):
            await read(source, path)
    assert (list(zipped.files()), [name for name, _ in zipped.passed_over()]) == ([], ["link.jpg"])
    zipped.close()


async def test_what_would_unpack_to_far_more_than_it_is_is_not_unpacked(tmp_path: Path) -> None:
    bomb = bytes(8 << 20)

    zipped = opened([a_zip(tmp_path / "x.zip", {"bomb.jpg": bomb, "good.jpg": b"x"})])
    gzipped = opened([a_tar(tmp_path / "x.tgz", {"good.jpg": b"x", "bomb.jpg": bomb, "later.jpg": b"x"})])

    assert [file.path for file in zipped.files()] == ["good.jpg"]
    assert [file.path for file in gzipped.files()] == ["good.jpg"]
    assert "far more" in gzipped.broken[0]
    zipped.close()
    gzipped.close()


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_the_names_of_a_tar_file_are_not_taken_into_memory_whatever_their_size(tmp_path: Path, kind: bytes) -> None:
    header = tarfile.TarInfo("header")
    header.type, header.size = kind, 8 << 20

    with pytest.raises(SourceUnreadable, match="too long"):
        opened([a_tar(tmp_path / "x.tgz", {"good.jpg": b"x"}, header)])


async def test_a_zip_file_that_lies_about_a_size_is_found_out(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "x.zip", {"liar.jpg": b"x" * 50_000})
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 400)
    path.write_bytes(content)
    source = opened([path])

    with pytest.raises(SourceUnreadable):
        await read(source, "liar.jpg")
    source.close()


async def test_a_damaged_archive_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    members = {"one.jpg": os.urandom(20_000), "two.jpg": os.urandom(20_000)}
    for kind in ("tar", "tgz"):
        path = a_tar(tmp_path / f"x.{kind}", members)
        path.write_bytes(path.read_bytes()[:30_000])
        source = opened([path])

        assert await read(source, "one.jpg") == members["one.jpg"]
        assert source.broken
        source.close()
    zipped = a_zip(tmp_path / "x.zip", members)
    content = bytearray(zipped.read_bytes())
    content[5000] ^= 255
    zipped.write_bytes(content)
    source = opened([zipped])

    with pytest.raises(SourceUnreadable):
        await read(source, "one.jpg")
    assert await read(source, "two.jpg") == members["two.jpg"]
    source.close()


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tgz", "x.jpg", "none.zip"])
def test_what_is_no_archive_is_refused(tmp_path: Path, name: str) -> None:
    if name != "none.zip":
        (tmp_path / name).write_bytes(b"neither one nor the other" * 100)

    with pytest.raises(SourceUnreadable):
        opened([tmp_path / name])

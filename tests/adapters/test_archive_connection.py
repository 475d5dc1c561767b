"""Archives over a real server and real clients: breaks, ranges, and programs that others wrote."""

import asyncio
import io
import socket
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any
from zlib import crc32

import httpx
import pytest
import uvicorn
from litestar import Request

from photostore.archive.commands.keep_checksums import KeepChecksums
from photostore.archive.ports import Checksum, ChecksumRepository
from photostore.archive.queries import ArchivedPhoto
from photostore.shared.errors import Gone
from photostore_http.archives import Archives
from photostore_http.byte_responses import Demand
from photostore_http.clean_files import CleanFiles
from photostore_http.protocol import BoundedHttpProtocol
from tests.core.archive.archives import in_store
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.metadata_remover import FakeMetadataRemover
from tests.fakes.store import FakeStore
from tests.waiting import eventually

SECRET = b"METADATA!!"
CONTENTS = [bytes(range(256)) * 4096 + SECRET, b"small one " + SECRET, b"x" * 3_000_000 + SECRET]


class Kept(ChecksumRepository):
    def __init__(self) -> None:
        self.kept: list[Checksum] = []

    async def keep(self, checksums: Sequence[Checksum]) -> None:
        self.kept += checksums


@dataclass
class Served:
    """`/originals` and `/clean` are archives of what `photos` are; `refused` says that nobody may have them any more."""

    url: str
    blobs: FakeBlobStore = field(default_factory=FakeBlobStore)
    photos: Sequence[ArchivedPhoto] = ()
    checksums: Kept = field(default_factory=Kept)
    refused: bool = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "HEAD":
            scope = {**scope, "is_head": True}
        request: Any = Request(scope)
        store: Any = FakeStore()
        cleaning: Any = CleanFiles(self.blobs, FakeMetadataRemover(), store)
        archives = Archives(self.blobs, KeepChecksums(self.checksums, FakeUnitOfWork(store)), cleaning, crc32)
        demand = Demand(self._ask, every=0)
        if scope["path"] == "/originals":
            answer = await archives.of_originals(request, self.photos, name="all", demand=demand)
        else:
            answer = archives.without_metadata(request, self.photos, name="all", demand=demand)
        await answer(scope, receive, send)

    async def _ask(self) -> None:
        if self.refused:
            raise Gone("the link was disabled")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    listening = socket.create_server(("127.0.0.1", 0))
    app = Served(f"http://127.0.0.1:{listening.getsockname()[1]}")
    app.photos = in_store(app.blobs, CONTENTS)
    config = uvicorn.Config(app, lifespan="off", log_config=None, http=BoundedHttpProtocol, ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await eventually(lambda: server.started)
    yield app
    server.should_exit = True
    await serving


async def taken(served: Served, path: str) -> tuple[bytes, bool]:
    """All that came of an archive, and whether the client takes it for whole."""
    content = b""
    async with httpx.AsyncClient() as http, http.stream("GET", served.url + path) as answer:
        try:
            async for chunk in answer.aiter_raw():
                content += chunk
        except httpx.RemoteProtocolError:
            return content, False
    return content, True


async def test_others_programs_take_it_for_what_it_is(served: Served, tmp_path: Path) -> None:
    for path in ("/originals", "/clean"):
        content, is_whole = await taken(served, path)
        file = tmp_path / "all.zip"
        file.write_bytes(content)

        assert is_whole
        assert zipfile.ZipFile(file).testzip() is None
        if unzip := which("unzip"):
            assert await (await asyncio.create_subprocess_exec(unzip, "-tqq", str(file))).wait() == 0


async def test_what_hides_metadata_has_neither_them_nor_names_nor_a_length(served: Served) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{served.url}/clean", headers={"range": "bytes=10-"})

    assert answer.status_code == 200
    assert answer.headers["accept-ranges"] == "none"
    assert answer.headers["transfer-encoding"] == "chunked"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["photo-1.jpg", "photo-2.jpg", "photo-3.jpg"]
        assert [archive.read(each) for each in archive.namelist()] == [each[:-10] for each in CONTENTS]
    assert SECRET not in answer.content


@pytest.mark.parametrize("path", ["/originals", "/clean"])
@pytest.mark.parametrize("fault", ["break", "gone"])
async def test_nobody_takes_half_an_archive_for_a_whole_one(served: Served, path: str, fault: str) -> None:
    if fault == "break":
        served.blobs.break_after = 700_000
    else:
        del served.blobs.blobs[served.photos[2].blob_key]  # type: ignore[arg-type]

    content, is_whole = await taken(served, path)

    assert not is_whole
    assert len(content) > 500_000
    assert b"PK\5\6" not in content
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(content))
    await eventually(lambda: served.blobs.reading == 0)


async def test_a_download_that_broke_is_finished_and_reads_nothing_twice(served: Served) -> None:
    whole, _ = await taken(served, "/originals")
    served.checksums.kept.clear()
    served.blobs.break_after = 1_000_000
    half, is_whole = await taken(served, "/originals")
    served.blobs.break_after = None

    async with httpx.AsyncClient() as http:
        rest = await http.get(f"{served.url}/originals", headers={"range": f"bytes={len(half)}-"})

    assert not is_whole
    assert rest.status_code == 206
    assert half + rest.content == whole


async def test_a_client_that_goes_away_ends_the_reading(served: Served) -> None:
    served.photos = in_store(served.blobs, [bytes(1 << 20)] * 64)

    async with httpx.AsyncClient() as http, http.stream("GET", f"{served.url}/originals") as answer:
        chunks = answer.aiter_raw()
        while answer.num_bytes_downloaded < 3 << 20:
            await anext(chunks)
        assert served.blobs.reading > 0

    await eventually(lambda: served.blobs.reading == 0)
    # What was read until then is known from now on.
    assert 0 < len(served.checksums.kept) < 64


@pytest.mark.parametrize("path", ["/originals", "/clean"])
async def test_what_may_no_longer_be_had_breaks_off(served: Served, path: str) -> None:
    served.refused = True

    content, is_whole = await taken(served, path)

    assert not is_whole
    assert b"PK\5\6" not in content
    await eventually(lambda: served.blobs.reading == 0)


async def test_head_tells_what_get_would(served: Served) -> None:
    whole, _ = await taken(served, "/originals")

    async with httpx.AsyncClient() as http:
        sized = await http.head(f"{served.url}/originals")
        unsized = await http.head(f"{served.url}/clean")

    assert int(sized.headers["content-length"]) == len(whole)
    assert "content-length" not in unsized.headers
    assert {each.headers["content-type"] for each in (sized, unsized)} == {"application/zip"}
    assert served.blobs.reading == 0

"""One check, in a process of its own so that its memory can be told: `python -m bench.fsck_run DATABASE_URL FOLDER`."""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from photostore.check.commands.check_library import CheckLibrary
from photostore.check.ports import Findings
from photostore.check.run import CheckScope
from photostore.shared.blobs import BlobInfo, BlobKey, BlobNotFound, MendableBlobStore, OpenBlob
from photostore.shared.unit_of_work import UnitOfWork
from photostore_adapters.settings import load_settings
from photostore_adapters.wiring import make_container

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class ListedStore(MendableBlobStore):
    """Lists what stands in files, and has nothing when it is asked for by itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lost = {line.partition("\t")[0] for line in (folder / "lost").read_text().splitlines()}
        pictures = {key.split("/")[2] for key in self._lost}
        self._sizes = dict[str, int]()
        for name in ("originals", "renditions"):
            with (folder / name).open() as lines:
                for line in lines:
                    key, _, size = line.partition("\t")
                    if key.split("/")[2] in pictures:
                        self._sizes[key] = int(size)

    async def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        listing = self._folder / prefix.rstrip("/")
        if not listing.is_file():
            return
        with listing.open() as lines:
            for line in lines:
                key, _, size = line.partition("\t")
                if key > after:
                    yield BlobInfo(key=BlobKey(key), byte_size=int(size), modified_at=_LONG_AGO)

    async def head(self, key: BlobKey) -> BlobInfo:
        """Only of what is looked at because something was lost: whatever else that photo has is there."""
        if key in self._lost:
            raise BlobNotFound(f"blob {key}")
        return BlobInfo(key=key, byte_size=self._sizes[key], modified_at=_LONG_AGO)

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        raise NotImplementedError

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        raise NotImplementedError
        yield

    async def delete(self, key: BlobKey) -> None:
        raise NotImplementedError

    async def mend(self, key: BlobKey, chunks: AsyncIterable[bytes], *, byte_size: int, sha256: bytes) -> None:
        raise NotImplementedError


async def _check(database_url: str, folder: Path) -> dict[str, object]:
    # As patient as the command is.
    settings = load_settings({"DATA_DIR": str(folder), "DATABASE__STATEMENT_TIMEOUT_SECONDS": "3600"})
    container = make_container(settings, database_url)
    blobs = ListedStore(folder)
    started, used = time.monotonic(), time.process_time()
    try:
        async with container() as scope:
            check = await scope.get(CheckLibrary)
            listed = replace(
                check,
                blobs=blobs,
                compare_store=replace(check.compare_store, blobs=blobs),
                find_leftovers=replace(check.find_leftovers, blobs=blobs),
            )
            run = await listed(scope=CheckScope())
        seconds, cpu_seconds = time.monotonic() - started, time.process_time() - used
        async with container() as scope, await scope.get(UnitOfWork):
            findings: Findings = await scope.get(Findings)
            counted = await findings.counted()
    finally:
        await container.close()
    found = Counter[str]()
    for (kind, _), number in counted.items():
        found[kind.value] += number
    return {"photos": run.photos, "findings": found, "seconds": seconds, "cpu_seconds": cpu_seconds}


def main(database_url: str, folder: str) -> None:
    told = asyncio.run(_check(database_url, Path(folder)))
    told["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])

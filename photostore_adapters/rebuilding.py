"""Backfilling: have a library decoded again, at a pace that leaves room for everything else."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from dishka import AsyncContainer

from photostore.photo.commands.rebuild_renditions import RebuildBatch, RebuildRenditions, Selection
from photostore.photo.jobs import DECODE_PHOTO
from photostore.photo.queries import LibraryPhoto, LibraryQueries
from photostore.shared.ids import UserId
from photostore_adapters.jobs.housekeeping import QueueQueries
from photostore_adapters.settings import Settings
from photostore_adapters.wiring import make_container, make_worker

_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """`per_second` bounds the pace; `waiting` is how many photos wait in the queue at most, of those enqueued here."""

    owner: UserId | None
    selection: Selection
    per_second: float | None
    waiting: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildProgress:
    """Of `photos` in all `seen` were looked at; `enqueued` of those are to be decoded, and `waiting` still wait."""

    photos: int
    seen: int
    enqueued: int
    waiting: int


async def rebuild(
    settings: Settings, url: str, wanted: Rebuild, told: Callable[[RebuildProgress], None]
) -> RebuildProgress:
    """Enqueue and do the work beside other workers, until none is left. Broken off, the queue keeps what waits."""
    container = make_container(settings, url)
    worker = make_worker(container, settings, url)
    working = asyncio.create_task(worker.run())
    try:
        return await _Rebuilding(container, wanted, told).run()
    finally:
        worker.stop()
        await asyncio.wait([working], timeout=settings.decoding.wall_seconds)
        await container.close()


class _Rebuilding:
    def __init__(self, container: AsyncContainer, wanted: Rebuild, told: Callable[[RebuildProgress], None]) -> None:
        self._container = container
        self._wanted = wanted
        self._told = told
        self._photos = self._seen = self._enqueued = 0
        self._began = time.monotonic()

    async def run(self) -> RebuildProgress:
        library = await self._container.get(LibraryQueries)
        self._photos = await library.count(self._wanted.owner)
        last: LibraryPhoto | None = None
        while True:
            _ = await self._until_few(self._wanted.waiting)
            batch = await self._next(last)
            self._seen += batch.seen
            self._enqueued += batch.enqueued
            if batch.last is None:
                break
            last = batch.last
        return await self._until_few(0)

    async def _next(self, last: LibraryPhoto | None) -> RebuildBatch:
        async with self._container() as scope:
            enqueue = await scope.get(RebuildRenditions)
            return await enqueue(owner=self._wanted.owner, selection=self._wanted.selection, after=last)

    async def _until_few(self, waiting: int) -> RebuildProgress:
        while True:
            progress = await self._tell()
            if progress.waiting <= waiting and not self._is_ahead():
                return progress
            await asyncio.sleep(_LOOK_SECONDS)

    def _is_ahead(self) -> bool:
        pace = self._wanted.per_second
        return pace is not None and self._enqueued > pace * (time.monotonic() - self._began)

    async def _tell(self) -> RebuildProgress:
        state = await (await self._container.get(QueueQueries)).state()
        waiting = sum(each.jobs for each in state if each.job == DECODE_PHOTO and each.status != "failed")
        progress = RebuildProgress(
            photos=max(self._photos, self._seen), seen=self._seen, enqueued=self._enqueued, waiting=waiting
        )
        self._told(progress)
        return progress

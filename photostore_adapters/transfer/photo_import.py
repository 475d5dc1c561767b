"""Taking photos in, batch by batch: what is known is completed, what is not comes through the door of every upload."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dishka import AsyncContainer

from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.queries import PhotoQueries, PhotoView
from photostore.shared.errors import ConcurrentUpdate, OutOfSpace, PhotostoreError, Unavailable
from photostore.shared.ids import PhotoId, UserId
from photostore.transfer.commands.import_photo import FileToImport, ImportPhoto
from photostore.transfer.finding import is_picture_name
from photostore.transfer.ports import ImportSource
from photostore.transfer.restoring import missing_of
from photostore.transfer.steady import PAUSES
from photostore.transfer.together import together
from photostore.transfer.told import Told
from photostore.upload.pictures import UnsupportedImage
from photostore_adapters.transfer.report import ImportReport, Progress

BATCH = 64
_TRASH = 500
# The version of a photo that was made and decoded, and that nobody has changed.
_DECODED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file that is to be a photo, by its path in the source, with its digest and what is said of it."""

    path: str
    byte_size: int
    sha256: bytes
    told: Told


class PhotoImport:
    """Into one owner's library. What was there since before `made_since` never goes into the trash."""

    def __init__(
        self,
        container: AsyncContainer,
        source: ImportSource,
        owner: UserId,
        report: ImportReport,
        progress: Progress,
        *,
        made_since: datetime | None = None,
    ) -> None:
        self._container = container
        self._source = source
        self._owner = owner
        self._report = report
        self._progress = progress
        self._made_since = made_since
        self._trash: list[PhotoId] = []

    async def take(self, candidates: AsyncIterator[Candidate]) -> None:
        """In their order."""
        batch: list[Candidate] = []
        async for candidate in candidates:
            batch.append(candidate)
            if len(batch) == BATCH:
                await self._take(batch)
                batch = []
        await self._take(batch)

    async def _take(self, batch: list[Candidate]) -> None:
        queries = await self._container.get(PhotoQueries)
        unique = {each.sha256: each for each in reversed(batch)}
        found = await queries.lookup(list(unique), owner=self._owner)
        known = {each.sha256: PhotoId(each.photo_id) for each in found if each.photo_id is not None}
        views = {view.sha256: view for view in await queries.find(list(known.values()), owner=self._owner)}
        new: list[Candidate] = []
        for candidate in batch:
            view = views.get(candidate.sha256)
            if view is not None:
                await self._complete(candidate, view)
            elif unique[candidate.sha256] is candidate:
                new.append(candidate)
            else:
                self._report.known += 1  # of the same bytes as one before it
        await self._upload(new)
        # Of the same bytes, but with more said of them.
        for candidate in batch:
            if candidate.sha256 not in views and unique[candidate.sha256] is not candidate:
                await self._complete_again(candidate)

    async def _complete_again(self, candidate: Candidate) -> None:
        queries = await self._container.get(PhotoQueries)
        [known] = await queries.lookup([candidate.sha256], owner=self._owner)
        if known.photo_id is not None and not self._report.dry_run:
            view = await queries.get(PhotoId(known.photo_id), owner=self._owner)

            async def complete() -> None:
                async with self._container() as scope:
                    await (await scope.get(ImportPhoto)).complete(view, candidate.told, actor=self._owner)

            await self._told_if_refused(candidate, complete)

    async def _complete(self, candidate: Candidate, view: PhotoView) -> None:
        self._report.known += 1
        ours = self._made_since is not None and view.created_at >= self._made_since
        if candidate.told.trashed and ours and view.trashed_at is None:
            self._trash.append(PhotoId(view.id))
        # Broken off between the photo and the last that is said of it: nobody else has said anything yet.
        unsaid = ours and view.version <= _DECODED
        if missing_of(view, candidate.told, new=unsaid) and not self._report.dry_run:

            async def complete() -> None:
                async with self._container() as scope:
                    complete = (await scope.get(ImportPhoto)).complete
                    self._report.completed += await complete(view, candidate.told, actor=self._owner, new=unsaid)

            await self._told_if_refused(candidate, complete)
        self._progress(self._report)

    async def _upload(self, new: list[Candidate]) -> None:
        if self._report.dry_run:
            self._report.imported += len(new)
            self._report.bytes_imported += sum(each.byte_size for each in new)
            self._progress(self._report)
            return
        at_once = asyncio.Semaphore(self._source.at_once)
        turns = [asyncio.Event() for _ in range(len(new) + 1)]
        turns[0].set()

        async def one(number: int, candidate: Candidate) -> None:
            async with at_once:
                try:
                    await self._one(candidate, turns[number].wait)
                finally:
                    turns[number + 1].set()

        await together(one(number, candidate) for number, candidate in enumerate(new))

    async def _one(self, candidate: Candidate, turn: Callable[[], Awaitable[object]]) -> None:
        if self._report.stopped is not None:
            self._report.not_tried += 1
            return

        async def upload() -> None:
            async with self._container() as scope, self._source.open(candidate.path) as chunks:
                file = FileToImport(
                    filename=candidate.path.rpartition("/")[2],
                    byte_size=candidate.byte_size,
                    chunks=chunks,
                    turn=turn,
                )
                made = await (await scope.get(ImportPhoto))(actor=self._owner, file=file, told=candidate.told)
            self._report.imported += made.new
            self._report.known += not made.new
            self._report.bytes_imported += candidate.byte_size if made.new else 0
            if candidate.told.trashed and made.new:
                self._trash.append(made.photo_id)

        await self._told_if_refused(candidate, upload)
        self._progress(self._report)

    async def _told_if_refused(self, candidate: Candidate, call: Callable[[], Awaitable[None]]) -> None:
        """Tried again while something does not answer; a refusal is told, and the rest goes on."""
        pauses = iter(PAUSES)
        while True:
            try:
                await call()
            except (Unavailable, ConcurrentUpdate):
                seconds = next(pauses, None)
                if seconds is None:
                    raise
                await asyncio.sleep(seconds)
                continue
            except OutOfSpace as refusal:
                self._report.stopped = refusal.detail
                self._report.fail(candidate.path, refusal.detail)
            except PhotostoreError as refusal:
                refuse(self._report, candidate.path, refusal)
            return

    async def trash(self) -> None:
        """Those that were in the trash where they come from. Last of all: what is in it comes into no album."""
        while self._trash:
            batch, self._trash = self._trash[:_TRASH], self._trash[_TRASH:]
            if not self._report.dry_run:
                async with self._container() as scope:
                    await (await scope.get(MoveToTrash))(actor=self._owner, photo_ids=batch)
            self._report.trashed += len(batch)


def refuse(report: ImportReport, path: str, refusal: PhotostoreError) -> None:
    """What nobody takes for a picture is skipped; what was to be one has failed."""
    if isinstance(refusal, UnsupportedImage) and not is_picture_name(path):
        report.skip(path, refusal.detail)
        report.pictures -= 1
    else:
        report.fail(path, " ".join([refusal.detail, *(f"{each.field}: {each.message}" for each in refusal.errors)]))


async def ids_of(container: AsyncContainer, digests: list[bytes], owner: UserId) -> dict[bytes, UUID]:
    """The owner's photos of these bytes."""
    queries = await container.get(PhotoQueries)
    known: dict[bytes, UUID] = {}
    for start in range(0, len(digests), 1000):
        found = await queries.lookup(digests[start : start + 1000], owner=owner)
        known |= {each.sha256: each.photo_id for each in found if each.photo_id is not None}
    return known

"""Write one owner's library out: originals, and beside each what is known of it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from photostore.album.queries import AlbumQueries, AlbumView
from photostore.photo.queries import LibraryPhoto, LibraryQueries, PhotoQueries, PhotoView
from photostore.shared.blobs import BlobNotFound, BlobStore, BlobStoreUnavailable
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.transfer.documents import AlbumToTell, album_document, library_document, photo_document, written
from photostore.transfer.errors import OriginalDamaged
from photostore.transfer.layout import LIBRARY, SIDECAR, XMP, album_path, owner_folder
from photostore.transfer.queries import Membership, Owner, TransferQueries
from photostore.transfer.together import together
from photostore.transfer.writing import ALBUM, OWNER, ExportWriter, modified_at
from photostore.transfer.xmp import xmp_sidecar

BATCH = 200
# So many originals in a row that cannot be read are no damage of theirs: the store is away.
_AWAY = 5
_NO_TIME = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Export:
    """Where an export goes; `told` hears of each photo that is there, and whether it had to be written, `fault` of each whose
    original is not, and why."""

    writer: ExportWriter
    told: Callable[[PhotoView, bool], object]
    fault: Callable[[PhotoView, str], object]
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class ExportLibrary:
    """What lies in the target already, and is as it should be, is not written again. Photos that come while it runs may be
    in it or not. Raise `BlobStoreUnavailable` when the store is away for long."""

    library: LibraryQueries
    photos: PhotoQueries
    albums: AlbumQueries
    transfers: TransferQueries
    blobs: BlobStore

    async def __call__(self, *, owner: Owner, export: Export) -> None:
        writer = export.writer
        folder = await writer.place(OWNER, owner.id, owner=owner.id, wanted=owner_folder(owner))
        document = library_document(owner, await self.transfers.hashtags_of(owner.id))
        await writer.say(OWNER, owner.id, f"{folder}/{LIBRARY}", written(document), modified_at=_NO_TIME)
        await self._albums(owner, folder, writer)
        last: LibraryPhoto | None = None
        while batch := await self.library.walk(owner.id, after=last, limit=BATCH):
            last = batch[-1]
            await self._photos([PhotoId(each.id) for each in batch], owner.id, folder, export)

    async def _albums(self, owner: Owner, folder: str, writer: ExportWriter) -> None:
        after: AlbumId | None = None
        while page := await self.albums.list(owner.id, shared=False, after=after, limit=BATCH):
            after = page[-1].id
            for view in page:
                path = await writer.place(ALBUM, view.id, owner=owner.id, wanted=album_path(folder, view.name))
                content = written(album_document(await self._album(view, owner.id)))
                await writer.say(ALBUM, view.id, path, content, modified_at=view.created_at)
        writer.index.save()

    async def _album(self, view: AlbumView, owner: UserId) -> AlbumToTell:
        photos = [] if view.query is not None else await self.transfers.contents(view.id, owner=owner)
        covers = [each.sha256 for each in photos if each.id == view.cover_photo_id]
        if view.query is not None and view.cover_photo_id is not None:
            found = await self.photos.find([PhotoId(view.cover_photo_id)], owner=owner)
            covers = [each.sha256 for each in found]
        members = await self.transfers.members(view.id, owner=owner)
        return AlbumToTell(view=view, photos=photos, members=members, cover=covers[0] if covers else None)

    async def _photos(self, photo_ids: Sequence[PhotoId], owner: UserId, folder: str, export: Export) -> None:
        views = {view.id: view for view in await self.photos.find(photo_ids, owner=owner)}
        albums: defaultdict[UUID, list[Membership]] = defaultdict(list)
        for membership in await self.transfers.memberships(photo_ids, owner=owner):
            albums[membership.photo_id].append(membership)
        present = [views[each] for each in photo_ids if each in views]
        at_once = export.writer.target.at_once
        for start in range(0, len(present), at_once):
            some = present[start : start + at_once]
            # Places are given one after the other, so that the same library gives the same names.
            placed = [(view, await export.writer.place_photo(view, folder)) for view in some]
            # What is written is never forgotten, whatever dies: it is kept, or found and removed.
            export.writer.index.save()
            await together(self._photo(view, path, albums[view.id], export) for view, path in placed)

    async def _photo(self, view: PhotoView, path: str, albums: Sequence[Membership], export: Export) -> None:
        """The original first: what is said stands beside a picture, never alone."""
        writer, said = export.writer, {"modified_at": modified_at(view)}
        try:
            wrote = await writer.original(view, path, self.blobs)
        except (OriginalDamaged, BlobNotFound, BlobStoreUnavailable) as failure:
            self._fault(view, failure, export)
            if not await writer.keeps(path):
                return
        else:
            export.unreadable = 0
            export.told(view, wrote)
        await writer.say("photo", view.id, path + XMP, xmp_sidecar(view), **said)
        await writer.say("photo", view.id, path + SIDECAR, written(photo_document(view, albums)), **said)

    def _fault(
        self, view: PhotoView, failure: OriginalDamaged | BlobNotFound | BlobStoreUnavailable, export: Export
    ) -> None:
        if isinstance(failure, BlobStoreUnavailable):
            export.unreadable += 1
            if export.unreadable >= _AWAY or not export.writer.target.takes_back:
                raise failure
        reason = "The store does not have its bytes." if isinstance(failure, BlobNotFound) else failure.detail
        export.fault(view, reason)

"""Moving in: exports of photostore's own, folders of pictures, Google Takeouts."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from dishka import AsyncContainer

from photostore.album.ports import UserDirectory
from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.hashtag.errors import HashtagExists
from photostore.shared.errors import PhotostoreError
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.transfer.commands.import_album import ImportAlbum
from photostore.transfer.errors import NotAnExport
from photostore.transfer.told import ToldAlbum, ToldLibrary
from photostore.upload.limits import UploadLimits
from photostore.upload.pictures import PictureInspector
from photostore.user.email import email_address
from photostore.user.errors import UserInvalid, UserNotFound
from photostore_adapters.transfer.auditing import write_down
from photostore_adapters.transfer.bag_reading import ExportBag, bag_in
from photostore_adapters.transfer.found_files import FoundFiles
from photostore_adapters.transfer.photo_import import PhotoImport, ids_of
from photostore_adapters.transfer.report import ImportReport, Progress
from photostore_adapters.transfer.sources import Parts, opened

__all__ = ["ImportReport", "ImportWanted", "Importing", "import_libraries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWanted:
    """Into whose library (`owner`, by id or address), and of an export whose (`of`, as the export names them)."""

    owner: str | None = None
    of: str | None = None
    dry_run: bool = False
    album_from_folders: bool = False


async def import_libraries(
    container: AsyncContainer, paths: Sequence[Path], wanted: ImportWanted, told: Progress
) -> ImportReport:
    source = await asyncio.to_thread(opened, paths)
    try:
        return await Importing(container, source, wanted, told).run()
    finally:
        source.close()


class Importing:
    """One run. Broken off, it goes on when it is run again: what came in is known by its bytes."""

    def __init__(self, container: AsyncContainer, source: Parts, wanted: ImportWanted, told: Progress) -> None:
        self._container = container
        self._source = source
        self._wanted = wanted
        self._told = told
        self._report = ImportReport(dry_run=wanted.dry_run)

    async def run(self) -> ImportReport:
        bag = await bag_in(self._source)
        if bag is None:
            await self._files()
            return self._report
        try:
            await self._bag(bag)
        finally:
            bag.close()
        return self._report

    async def _files(self) -> None:
        if self._wanted.owner is None:
            raise UserNotFound("Say whose photos these become: --owner, with an id or an address.")
        owner = await self._account(self._wanted.owner)
        await self._write_down(owner)
        limits = await self._container.get(UploadLimits)
        found = FoundFiles(
            self._source,
            await self._container.get(PictureInspector),
            self._report,
            max_bytes=limits.max_bytes,
            album_from_folders=self._wanted.album_from_folders,
            root_name=self._source.root_name,
        )
        await found.look()
        photos = PhotoImport(self._container, self._source, owner, self._report, self._told)
        await photos.take(found.candidates())
        taken = set[AlbumId]()
        for album in found.albums.values():
            await self._album(album.told, list(album.photos), owner, taken)
        await photos.trash()

    async def _bag(self, bag: ExportBag) -> None:
        await bag.read()
        self._report.pictures = bag.photos()
        libraries = [(folder, told) async for folder, told in bag.libraries() if self._is_wanted(told)]
        if not libraries:
            raise NotAnExport(
                f"The export holds no library of {self._wanted.of}." if self._wanted.of else "It is empty."
            )
        if self._wanted.owner is not None and len(libraries) > 1:
            names = ", ".join(told.email or str(told.owner_id) for _, told in libraries[:10])
            raise NotAnExport(f"The export holds more than one library: say which becomes whose, by --from ({names}).")
        for folder, told in libraries:
            try:
                owner = await self._account_of(told)
            except UserNotFound as refusal:
                self._report.fail(
                    folder, f"{refusal.detail} Make an account, or say by --owner and --from whose it becomes."
                )
                continue
            await self._library(bag, folder, told, owner)

    async def _library(self, bag: ExportBag, folder: str, told: ToldLibrary, owner: UserId) -> None:
        await self._write_down(owner)
        photos = PhotoImport(self._container, self._source, owner, self._report, self._told, made_since=bag.exported_at)
        await photos.take(bag.candidates(folder, self._report))
        taken = set[AlbumId]()
        async for album in bag.albums(folder, self._report):
            await self._album(album, list(album.photos), owner, taken)
        await photos.trash()
        await self._hashtags(told, owner)

    async def _write_down(self, owner: UserId) -> None:
        if not self._report.dry_run:
            await write_down(self._container, "library.imported", owner, {"from": self._source.names})

    async def _album(self, told: ToldAlbum, digests: list[bytes], owner: UserId, taken: set[AlbumId]) -> None:
        known = await ids_of(self._container, [*digests, *([told.cover] if told.cover else [])], owner)
        photo_ids = [PhotoId(known[digest]) for digest in digests if digest in known]
        if not self._report.dry_run:
            self._report.photos_of_others += len(digests) - len(photo_ids)
        cover = known.get(told.cover) if told.cover else None
        try:
            async with self._container() as scope:
                importing = await scope.get(ImportAlbum)
                if self._report.dry_run:
                    found = await importing.find(owner, told, taken)
                    self._count(created=found is None, added=0)
                    return
                made = await importing(
                    actor=owner,
                    told=told,
                    photo_ids=photo_ids,
                    cover=None if cover is None else PhotoId(cover),
                    taken=taken,
                )
        except PhotostoreError as refusal:
            self._report.fail(f"album {told.name}", refusal.detail)
            return
        self._count(created=made.created, added=made.added)

    def _count(self, *, created: bool, added: int) -> None:
        self._report.albums_created += created
        self._report.albums_known += not created
        self._report.added_to_albums += added
        self._told(self._report)

    async def _hashtags(self, told: ToldLibrary, owner: UserId) -> None:
        """Those that no photo carries, too; the others are there already."""
        for name in () if self._report.dry_run else told.hashtags:
            with suppress(HashtagExists):
                async with self._container() as scope:
                    await (await scope.get(CreateHashtag))(actor=owner, name=name)

    def _is_wanted(self, told: ToldLibrary) -> bool:
        return self._wanted.of is None or self._wanted.of.lower() in ((told.email or "").lower(), told.owner_id)

    async def _account_of(self, told: ToldLibrary) -> UserId:
        """The account that was named; else the one of the same id, or of the same address."""
        if self._wanted.owner is not None:
            return await self._account(self._wanted.owner)
        if told.owner_id is not None:
            with suppress(UserNotFound):
                return await self._account(told.owner_id)
        if told.email is None:
            raise UserNotFound(f"There is no user {told.owner_id}.")
        return await self._account(told.email)

    async def _account(self, who: str) -> UserId:
        """Of an account in use. Raise `UserNotFound`."""
        directory: UserDirectory = await self._container.get(UserDirectory)
        try:
            return await directory.find(email_address(who) if "@" in who else UserId(UUID(who)))
        except (ValueError, UserInvalid):
            raise UserNotFound(f"{who[:200]} is neither a user's id nor an address.") from None

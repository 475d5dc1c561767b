"""Pictures in folders of any kind: a camera's, a program's, a Google Takeout, an export that was taken apart."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from photostore.album.details import NAME_LIMIT
from photostore.shared.errors import PhotostoreError
from photostore.transfer import takeout
from photostore.transfer.errors import SidecarInvalid, SourceUnreadable
from photostore.transfer.finding import FoundFolder, FoundPicture, folders_in
from photostore.transfer.layout import XMP
from photostore.transfer.ports import ImportSource, SourceFile
from photostore.transfer.told import NOTHING_TOLD, Told, ToldAlbum, document_in, is_ours, photo_told, storable, together
from photostore.upload.pictures import PictureInspector
from photostore_adapters.transfer.photo_import import Candidate, refuse
from photostore_adapters.transfer.reading import content_of, digest_of
from photostore_adapters.transfer.report import ImportReport
from photostore_adapters.transfer.xmp_sidecars import told_in_xmp


@dataclass(slots=True)
class GatheredAlbum:
    """What folders and documents put into an album, in the order in which it was found."""

    told: ToldAlbum
    photos: dict[bytes, None] = field(default_factory=dict)


class FoundFiles:
    """All that is to be known of the folders before the first picture is taken in; some 500 bytes of each file."""

    def __init__(
        self,
        source: ImportSource,
        inspector: PictureInspector,
        report: ImportReport,
        *,
        max_bytes: int,
        album_from_folders: bool,
        root_name: str | None,
    ) -> None:
        self.albums: dict[str, GatheredAlbum] = {}
        self._source = source
        self._inspector = inspector
        self._report = report
        self._max_bytes = max_bytes
        self._album_from_folders = album_from_folders
        self._root_name = root_name
        self._pictures: dict[str, FoundPicture] = {}
        self._album_of: dict[str, str] = {}

    async def look(self) -> None:
        """Before the pictures are asked for."""
        for folder in folders_in(file.path for file in self._source.files()):
            for picture in folder.pictures:
                self._pictures[picture.path] = picture
            for path in folder.videos:
                self._report.skip(path, "It is a video: photostore keeps pictures.")
            await self._name(folder)
        self._report.pictures = len(self._pictures)
        for name, reason in self._source.passed_over():
            self._report.skip(name, reason)
        for reason in self._source.broken:
            self._report.fail(reason.partition(" ")[0], reason)

    async def _name(self, folder: FoundFolder) -> None:
        """The album that the folder is, if it is one."""
        told: ToldAlbum | None = None
        for path in folder.saying:
            document = await self._document(path)
            if document is not None and takeout.is_album_document(document):
                told = takeout.album_told(document, storable(folder.path.rpartition("/")[2]))
            elif document is not None and takeout.is_photo_document(document):
                self._report.documents += 1
        name = storable(folder.path.replace("/", " / ") or self._root_name or "")[-NAME_LIMIT:].strip()
        if told is None and self._album_from_folders and name and folder.pictures:
            told = ToldAlbum(name=name)
        if told is not None:
            self.albums.setdefault(told.name, GatheredAlbum(told))
            self._album_of[folder.path] = told.name

    async def _document(self, path: str) -> Mapping[str, Any] | None:
        try:
            return document_in(await content_of(self._source, path))
        except (SidecarInvalid, SourceUnreadable):
            return None

    async def candidates(self) -> AsyncIterator[Candidate]:
        """In the order in which the source is read best."""
        for file in self._source.files():
            picture = self._pictures.pop(file.path, None)
            if picture is None:
                continue
            try:
                candidate = await self._candidate(file, picture)
            except PhotostoreError as refusal:
                refuse(self._report, file.path, refusal)
                continue
            self._gather(candidate)
            yield candidate

    async def _candidate(self, file: SourceFile, picture: FoundPicture) -> Candidate:
        if file.byte_size > self._max_bytes:
            raise SourceUnreadable(f"It has more than the {self._max_bytes} bytes that a photo may have.")
        digest = file.sha256
        if digest is None:
            digest = await digest_of(self._source, file.path, self._inspector, at_most=self._max_bytes)
        told = NOTHING_TOLD
        for path in picture.beside:
            told = together(told, await self._told(path)) if told != NOTHING_TOLD else await self._told(path)
        return Candidate(path=file.path, byte_size=file.byte_size, sha256=digest, told=replace(told, sha256=digest))

    async def _told(self, path: str) -> Told:
        """What cannot be read says nothing, and is told: the picture comes in without it."""
        try:
            content = await content_of(self._source, path)
            if path.lower().endswith(XMP):
                return told_in_xmp(content)
            document = document_in(content)
            if is_ours(document, "photo"):
                return photo_told(document)
        except (SidecarInvalid, SourceUnreadable) as refusal:
            self._report.fail(path, refusal.detail)
            return NOTHING_TOLD
        return takeout.photo_told(document)

    def _gather(self, candidate: Candidate) -> None:
        names = list(candidate.told.albums)
        folder = candidate.path.rpartition("/")[0]
        if folder in self._album_of:
            names.append(self._album_of[folder])
        for name in names:
            self.albums.setdefault(name, GatheredAlbum(ToldAlbum(name=name))).photos[candidate.sha256] = None

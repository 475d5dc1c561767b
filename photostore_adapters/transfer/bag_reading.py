"""An export of photostore's own, read again: every file by the digest that its manifest tells."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from photostore.shared.errors import PhotostoreError
from photostore.transfer.bag import (
    DECLARATION,
    EXPORTED_AT,
    FORMAT,
    INFO,
    MANIFEST,
    TAG_MANIFEST,
    info_told,
    manifest_entries,
)
from photostore.transfer.errors import NotAnExport, SidecarInvalid, SourceUnreadable
from photostore.transfer.layout import ALBUMS, LIBRARY, PAYLOAD, SIDECAR, XMP
from photostore.transfer.ports import ImportSource
from photostore.transfer.told import (
    NOTHING_TOLD,
    Told,
    ToldAlbum,
    ToldLibrary,
    album_told,
    document_in,
    is_ours,
    library_told,
    moment_in,
    photo_told,
)
from photostore_adapters.transfer.photo_import import Candidate
from photostore_adapters.transfer.reading import MOST_OF_A_PHOTO, MOST_OF_AN_ALBUM, content_of
from photostore_adapters.transfer.report import ImportReport

_LIKE = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})


class ExportBag:
    """Its manifest lies in a temporary file while it is open: memory stays flat whatever the library."""

    def __init__(self, source: ImportSource, prefix: str) -> None:
        self._source = source
        self._prefix = prefix
        self.exported_at: datetime | None = None
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE files (number INTEGER PRIMARY KEY, path TEXT UNIQUE, sha256 BLOB)")

    def close(self) -> None:
        self._db.close()

    async def read(self) -> None:
        """Raise `NotAnExport` when its manifest is not whole, or not the one that was written."""
        info = info_told(await self._tag(INFO))
        self.exported_at = moment_in(info.get(EXPORTED_AT, "")) or datetime.now(UTC)
        tags = {line.split()[-1]: line.split()[0] for line in (await self._tag(TAG_MANIFEST)).decode().splitlines()}
        digest = sha256()
        self._db.execute("BEGIN")
        async for lines in self._lines(digest.update):
            rows = list(manifest_entries(lines))
            try:
                self._db.executemany("INSERT INTO files (path, sha256) VALUES (?, ?)", rows)
            except sqlite3.IntegrityError:
                raise NotAnExport(f"{MANIFEST} names a file twice.") from None
        self._db.execute("COMMIT")
        if tags.get(MANIFEST) != digest.hexdigest():
            raise NotAnExport(f"{MANIFEST} is not the one that was written: {TAG_MANIFEST} tells another digest.")

    async def _tag(self, name: str) -> bytes:
        try:
            return await content_of(self._source, self._prefix + name)
        except SourceUnreadable:
            raise NotAnExport(f"There is no {name}: the export was broken off. Run it again.") from None

    async def _lines(self, passed: Callable[[bytes], object]) -> AsyncIterator[list[bytes]]:
        rest = b""
        async with self._source.open(self._prefix + MANIFEST) as chunks:
            async for chunk in chunks:
                passed(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                yield lines
        yield [rest]

    def photos(self) -> int:
        """How many pictures there are in all."""
        count: int = self._db.execute(
            "SELECT count(*) FROM files WHERE path NOT LIKE ? AND path NOT LIKE ?", (f"%{SIDECAR}", f"%{XMP}")
        ).fetchone()[0]
        return count

    async def libraries(self) -> AsyncIterator[tuple[str, ToldLibrary]]:
        """The folder of each, and whose it is. Raise `SidecarInvalid` or `SourceUnreadable` for one that cannot be read."""
        pattern = f"{PAYLOAD}/%/{LIBRARY}"
        for path in self._paths("path LIKE ?", pattern):
            if path.count("/") == 2:
                document = document_in(await self._content(path, MOST_OF_AN_ALBUM))
                if not is_ours(document, "library"):
                    raise SidecarInvalid(f"{path} is no library.")
                yield path.removesuffix(LIBRARY), library_told(document)

    async def albums(self, folder: str, report: ImportReport) -> AsyncIterator[ToldAlbum]:
        pattern = folder.translate(_LIKE) + f"{ALBUMS}/%"
        for path in self._paths("path LIKE ? ESCAPE '\\'", pattern):
            try:
                document = document_in(await self._content(path, MOST_OF_AN_ALBUM))
                if not is_ours(document, "album"):
                    raise SidecarInvalid("It is no album.")
                album = album_told(document)
            except PhotostoreError as refusal:
                report.fail(path, refusal.detail)
                continue
            yield album

    async def candidates(self, folder: str, report: ImportReport) -> AsyncIterator[Candidate]:
        """In the order in which they came to the library that they are from."""
        pattern = folder.translate(_LIKE) + "%"
        for path in self._paths("path LIKE ? ESCAPE '\\'", pattern):
            if path.endswith((SIDECAR, XMP)):
                continue
            found = self._source.find(self._prefix + path)
            if found is None:
                report.fail(path, "The manifest names it, and it is not there.")
                continue
            digest = self._digest(path)
            told = await self._told(path, report)
            yield Candidate(
                path=self._prefix + path, byte_size=found.byte_size, sha256=digest, told=replace(told, sha256=digest)
            )

    async def _told(self, path: str, report: ImportReport) -> Told:
        try:
            document = document_in(await self._content(path + SIDECAR, MOST_OF_A_PHOTO))
            if is_ours(document, "photo"):
                return photo_told(document)
            raise SidecarInvalid("It says nothing of a photo.")
        except (SidecarInvalid, SourceUnreadable) as refusal:
            report.fail(path + SIDECAR, refusal.detail)
            return NOTHING_TOLD

    async def _content(self, path: str, at_most: int) -> bytes:
        content = await content_of(self._source, self._prefix + path, at_most=at_most)
        if sha256(content).digest() != self._digest(path):
            raise SourceUnreadable("It is not as the manifest tells: it was changed, or is damaged.")
        return content

    def _digest(self, path: str) -> bytes:
        row = self._db.execute("SELECT sha256 FROM files WHERE path = ?", (path,)).fetchone()
        if row is None:
            raise SourceUnreadable("The manifest does not name it.")
        digest: bytes = row[0]
        return digest

    def _paths(self, condition: str, value: str) -> Iterator[str]:
        query = f"SELECT path FROM files WHERE {condition} ORDER BY number"  # noqa: S608 - said above
        for (path,) in self._db.execute(query, (value,)):
            yield path


async def bag_in(source: ImportSource) -> ExportBag | None:
    """The export that the source is, or that a folder in it is. Raise `NotAnExport` when there are several."""
    prefixes = ["", *dict.fromkeys(_top(file.path) for file in source.files() if file.path.endswith(f"/{DECLARATION}"))]
    found = [prefix for prefix in prefixes if await _is_export(source, prefix)]
    if len(found) > 1:
        raise NotAnExport(f"There is more than one export: import them one by one ({', '.join(found[:10])}).")
    return ExportBag(source, found[0]) if found else None


async def _is_export(source: ImportSource, prefix: str) -> bool:
    if not (source.find(prefix + DECLARATION) and source.find(prefix + INFO)):
        return False
    try:
        return FORMAT in info_told(await content_of(source, prefix + INFO))
    except SourceUnreadable:
        return False


def _top(path: str) -> str:
    return f"{path.partition('/')[0]}/"

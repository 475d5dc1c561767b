"""Moving out: libraries written to a folder or a tar stream, as a bag (RFC 8493) that other programs can check."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from dishka import AsyncContainer

from photostore.album.ports import UserDirectory
from photostore.photo.queries import LibraryQueries, PhotoView
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.transfer.bag import (
    DECLARATION,
    DECLARED,
    INFO,
    MANIFEST,
    TAG_MANIFEST,
    info,
    manifest_line,
)
from photostore.transfer.commands.export_library import Export, ExportLibrary
from photostore.transfer.ports import ExportTarget
from photostore.transfer.queries import Owner, TransferQueries
from photostore.transfer.writing import ExportWriter
from photostore.user.email import email_address
from photostore.user.errors import UserNotFound
from photostore_adapters.settings import Settings
from photostore_adapters.transfer.auditing import write_down
from photostore_adapters.transfer.folder_target import FolderTarget
from photostore_adapters.transfer.index import SqliteExportIndex, state_kept
from photostore_adapters.transfer.tar_target import TarTarget
from photostore_adapters.wiring import make_container

_OWNERS = 200
_TAG_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFault:
    """A photo whose original is not in the export, or not as it was uploaded."""

    owner_id: UUID
    photo_id: UUID
    filename: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Exported:
    """What was done by now. `dropped` are photos and albums of an earlier run that are there no longer."""

    photos_expected: int = 0
    owners: int = 0
    photos: int = 0
    written: int = 0
    bytes_written: int = 0
    dropped: int = 0
    faults: list[ExportFault] = field(default_factory=list)


Progress = Callable[[Exported], object]


@asynccontextmanager
async def installation(settings: Settings, url: str) -> AsyncIterator[AsyncContainer]:
    """What libraries are moved out of, and into."""
    container = make_container(settings, url)
    try:
        yield container
    finally:
        await container.close()


async def export_to_folder(
    container: AsyncContainer, root: Path, *, owner: str | None, verify: bool, told: Progress
) -> Exported:
    """Go on with what is in the folder. Broken off, it is no bag until it was run again."""
    target = FolderTarget(root, verify=verify)
    index = SqliteExportIndex(target.prepare())
    try:
        with state_kept():
            await target.begin(TAG_MANIFEST, MANIFEST)
            return await Exporting(container, target, index, told).run(owner)
    finally:
        index.close()


async def export_to_tar(
    container: AsyncContainer, file: BinaryIO, folder: str, *, owner: str | None, told: Progress
) -> Exported:
    target = TarTarget(file, folder)
    index = SqliteExportIndex(None)
    try:
        with state_kept():
            exported = await Exporting(container, target, index, told).run(owner)
        await target.finish()
        return exported
    finally:
        index.close()


class Exporting:
    """One run."""

    def __init__(
        self, container: AsyncContainer, target: ExportTarget, index: SqliteExportIndex, told: Progress
    ) -> None:
        self._container = container
        self._target = target
        self._index = index
        self._told = told
        self._done = Exported()

    async def run(self, who: str | None) -> Exported:
        """Of one owner by id or address, or of all."""
        queries = await self._container.get(TransferQueries)
        began = (await self._container.get(Clock)).now()
        one = await find_owner(self._container, who) if who is not None else None
        await write_down(
            self._container, "library.exported", None if one is None else one.id, {"to": self._target.told_as}
        )
        library = await self._container.get(LibraryQueries)
        self._done.photos_expected = await library.count(None if one is None else one.id)
        export = Export(
            writer=ExportWriter(target=self._target, index=self._index), told=self._count, fault=self._fault
        )
        async for owner in _only(one) if one is not None else _all(queries):
            async with self._container() as scope:
                await (await scope.get(ExportLibrary))(owner=owner, export=export)
            self._done.owners += 1
        await self._drop(one)
        await self._tag(began)
        self._index.save()
        return self._done

    async def _drop(self, one: Owner | None) -> None:
        for kind, _, paths in self._index.stale(None if one is None else one.id):
            for path in paths:
                await self._target.remove(path)
            self._done.dropped += kind != "owner"

    async def _tag(self, began: datetime) -> None:
        files, byte_size = self._index.totals()
        said = info(exported_at=began, version=version("photostore"), files=files, byte_size=byte_size)
        manifest, length = sha256(), 0
        for part in self._manifest():
            manifest.update(part)
            length += len(part)
        now = datetime.now(UTC)
        digests = {DECLARATION: sha256(DECLARED).digest(), INFO: sha256(said).digest(), MANIFEST: manifest.digest()}
        tags = "".join(manifest_line(path, digest) for path, digest in digests.items()).encode()
        for path, content in ((DECLARATION, DECLARED), (INFO, said)):
            await self._target.write(path, _chunks([content]), byte_size=len(content), modified_at=now)
        await self._target.write(MANIFEST, _chunks(self._manifest()), byte_size=length, modified_at=now)
        await self._target.write(TAG_MANIFEST, _chunks([tags]), byte_size=len(tags), modified_at=now)

    def _manifest(self) -> Iterator[bytes]:
        part = bytearray()
        for file in self._index.files():
            part += manifest_line(file.path, file.sha256).encode()
            if len(part) >= _TAG_CHUNK:
                yield bytes(part)
                part.clear()
        yield bytes(part)

    def _count(self, photo: PhotoView, wrote: bool) -> None:
        self._done.photos += 1
        self._done.written += wrote
        self._done.bytes_written += photo.byte_size if wrote else 0
        self._told(self._done)

    def _fault(self, photo: PhotoView, reason: str) -> None:
        self._done.faults.append(
            ExportFault(owner_id=photo.owner_id, photo_id=photo.id, filename=photo.filename, reason=reason)
        )
        self._told(self._done)


async def find_owner(container: AsyncContainer, who: str) -> Owner:
    """By id, or by an address that one account alone has. Raise `UserNotFound`."""
    queries: TransferQueries = await container.get(TransferQueries)
    if "@" in who:
        directory: UserDirectory = await container.get(UserDirectory)
        return await queries.owner(await directory.find(email_address(who)))
    with suppress(ValueError):
        return await queries.owner(UserId(UUID(who)))
    raise UserNotFound(f"{who} is neither a user's id nor an address.")


async def _only(owner: Owner) -> AsyncIterator[Owner]:
    yield owner


async def _all(queries: TransferQueries) -> AsyncIterator[Owner]:
    after: UserId | None = None
    while page := await queries.owners(after=after, limit=_OWNERS):
        after = page[-1].id
        for owner in page:
            yield owner


async def _chunks(parts: Sequence[bytes] | Iterator[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part

"""Libraries that move: installations of photostore in this process, on Postgres and folders, and what is in them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dishka import AsyncContainer

from photostore.album.queries import AlbumQueries
from photostore.photo.queries import LibraryQueries, PhotoQueries
from photostore.shared.ids import PhotoId, UserId
from photostore.transfer.documents import photo_document, query_document
from photostore.transfer.queries import TransferQueries
from photostore.upload.commands.upload_form import UploadForm
from photostore_adapters.exporting import Exported, export_to_folder, export_to_tar
from photostore_adapters.importing import ImportReport, ImportWanted, import_libraries
from photostore_adapters.settings import load_settings
from photostore_adapters.wiring import make_container
from tests.builders import a_user
from tests.fakes.form import FakeForm
from tests.using import get, stored, use

SECRET = "0T1bNAsvvE3OIv5sHnLrCuAvfLFVi3EzboqkbOK_o9KWn4pT5tvNLHPY"
# Of a new installation, and of nothing that people said.
_NOT_MOVED = {"id", "owner_id", "created_at", "trashed_at", "albums"}


Told = Callable[[Any], object]


def _hear_nothing(_done: object) -> None:
    """Whoever types a command sees a bar."""


@dataclass(frozen=True, slots=True)
class Installation:
    container: AsyncContainer

    async def somebody(self, email: str = "anna@example.test") -> UserId:
        return (await stored(self.container, a_user(email=email))).id

    async def photo(self, owner: UserId, content: bytes, filename: str = "sea.jpg", **fields: str) -> PhotoId:
        form = FakeForm(content, before=fields, filename=filename)
        return (await use(self.container, UploadForm)(actor=owner, form=form)).photo_id

    async def export(
        self, folder: Path, owner: str | None = None, *, verify: bool = False, told: Told = _hear_nothing
    ) -> Exported:
        return await export_to_folder(self.container, folder, owner=owner, verify=verify, told=told)

    async def export_tar(self, path: Path, owner: str | None = None) -> Exported:
        with path.open("wb") as file:
            return await export_to_tar(self.container, file, "moved", owner=owner, told=_hear_nothing)

    async def take_in(self, *paths: Path, told: Told = _hear_nothing, **wanted: Any) -> ImportReport:
        return await import_libraries(self.container, paths, ImportWanted(**wanted), told)


@asynccontextmanager
async def an_installation(url: str, folder: Path) -> AsyncIterator[Installation]:
    given = {"DATABASE_URL": url, "JWT__SECRET_KEY": SECRET, "STORAGE__FOLDER": str(folder / "blobs")}
    settings = load_settings(given)
    container = make_container(settings, url)
    try:
        yield Installation(container)
    finally:
        await container.close()


async def library_of(installation: Installation, owner: UserId) -> Mapping[str, Any]:
    """All that moves with a library: what is said of each photo, by age, and each album with its photos in their order."""
    container = installation.container
    transfers = await get(container, TransferQueries)
    walked = await (await get(container, LibraryQueries)).walk(owner, after=None, limit=1000)
    found = await (await get(container, PhotoQueries)).find([PhotoId(each.id) for each in walked], owner=owner)
    views = sorted(found, key=lambda view: view.id)
    albums = sorted(
        await (await get(container, AlbumQueries)).list(owner, shared=False, after=None, limit=200),
        key=lambda album: album.id,
    )
    digests = {view.id: view.sha256 for view in views}
    return {
        "photos": [
            {name: value for name, value in photo_document(view, []).items() if name not in _NOT_MOVED}
            | {"trashed": view.trashed_at is not None}
            for view in views
        ],
        "albums": [
            {
                "name": album.name,
                "description": album.description,
                "query": query_document(album.query),
                "cover": album.cover_photo_id and digests[album.cover_photo_id],
                "photos": [each.sha256 for each in await transfers.contents(album.id, owner=owner)],
            }
            for album in albums
        ],
        "hashtags": await transfers.hashtags_of(owner),
    }

"""A library whose bytes are there, and short ways of checking it."""

from collections.abc import Mapping
from hashlib import sha256

from dishka import AsyncContainer

from photostore.audit.entry import Origin
from photostore.check.commands.check_library import CheckLibrary
from photostore.check.commands.mend_library import MendLibrary
from photostore.check.finding import Finding, Kind, Outcome
from photostore.check.ports import CheckRuns, Findings
from photostore.check.run import CheckRun, CheckScope
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.picture import ImageFormat, Rendition
from photostore.photo.ports import PhotoRepository
from photostore.photo.renditions import rendition_folder
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
from photostore.shared.blobs import BlobKey, blob_key
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from tests.builders import a_photo
from tests.fakes.store import FakeStore
from tests.fakes.system import new_id
from tests.using import get, stored, transaction

OPERATOR = Origin(name="root")
EVERYTHING = CheckScope(checksums=True)
BY_SIZE = CheckScope()


async def a_whole_photo(
    container: AsyncContainer,
    store: FakeStore,
    *,
    owner_id: UserId | None = None,
    hashtags: tuple[str, ...] = (),
    status: PhotoStatus = PhotoStatus.READY,
) -> Photo:
    """With its original and two renditions, and an image that somebody asked for."""
    photo = a_photo(owner_id=owner_id, hashtags=hashtags, status=status)
    content = b"what was uploaded " + photo.id.bytes
    photo.sha256, photo.byte_size = sha256(content).digest(), len(content)
    photo.placeholder = b"a placeholder" if status is PhotoStatus.READY else None
    photo.renditions = tuple(_a_rendition(store, photo, name) for name in ("thumb", "preview"))
    store.blobs.blobs[photo.blob_key] = content
    await stored(container, photo)
    image = blob_key(f"{rendition_folder(photo.blob_key)}{new_id().hex}.jpeg")
    store.blobs.blobs[image] = b"an image"
    async with container() as scope, await scope.get(UnitOfWork):
        photos, quotas = await get(scope, PhotoRepository), await get(scope, Quotas)
        more = await photos.count_image(photo.id, owner=photo.owner_id, key=image, byte_size=8)
        await quotas.adjust(photo.owner_id, Figures(renditions_bytes=more))
    return photo


def _a_rendition(store: FakeStore, photo: Photo, name: str) -> Rendition:
    key = blob_key(f"{rendition_folder(photo.blob_key)}{name}.webp")
    store.blobs.blobs[key] = content = f"the {name}".encode()
    return Rendition(
        name=name, format=ImageFormat.WEBP, width=320, height=240, byte_size=len(content), blob_key=BlobKey(key)
    )


async def checked(container: AsyncContainer, scope: CheckScope = EVERYTHING) -> list[Finding]:
    """What a new check finds."""
    async with container() as scoped:
        await (await scoped.get(CheckLibrary))(scope=scope, restart=True)
    return await found_by_last(container)


async def found_by_last(container: AsyncContainer) -> list[Finding]:
    async with transaction(container, Findings) as findings:
        return [each.finding for each in await findings.page(after=0, limit=1000)]


async def mended(container: AsyncContainer, *, all_lost: bool = False) -> Mapping[Kind, Outcome]:
    """What became of the findings of the last check; of one of each kind."""
    heard = list[tuple[Kind, Outcome]]()
    async with container() as scoped:
        mend = await scoped.get(MendLibrary)
        await mend(by=OPERATOR, told=lambda finding, outcome: heard.append((finding.kind, outcome)), all_lost=all_lost)
    return dict(reversed(heard))


async def last_run(container: AsyncContainer) -> CheckRun:
    async with transaction(container, CheckRuns) as runs:
        run = await runs.last()
    assert run is not None
    return run


def kinds(findings: list[Finding]) -> list[Kind]:
    return [each.kind for each in findings]

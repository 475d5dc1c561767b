"""`/photos/trash`, `restore`, `delete`, `lookup`, `info`: calls about many photos at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller
from litestar.params import JSONBody
from msgspec import Meta, Struct

from photostore.photo.commands.delete_trashed import DeleteTrashed
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.queries import PhotoQueries
from photostore.photo.trash import TrashResult
from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import PhotoId
from photostore.shared.media import MediaUrls
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.photo_responses import Photo, photo_of
from photostore_http.problem_specs import refusals
from photostore_http.routing import post

_READ = refusals(InvalidToken, InsufficientScope)
_WRITE = refusals(InvalidToken, InsufficientScope, ConcurrentUpdate)


class PhotoIdsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """1 to 1000 photos, by id."""

    photo_ids: Annotated[list[UUID], Meta(min_length=1, max_length=1000)]


class BatchResult(Struct, frozen=True, kw_only=True):
    """What became of one photo. `not_found` is absent or someone else's; `unchanged` was so before."""

    id: UUID
    status: Literal["trashed", "restored", "deleted", "unchanged", "not_trashed", "not_found"]


class BatchResults(Struct, frozen=True, kw_only=True):
    """One for each id, in the order asked."""

    results: list[BatchResult]


# The length as well: to a pattern the end of a text is also before a line break that ends it.
Digest = Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$", max_length=64)]


class LookupRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """1 to 1000 digests, each of 64 hexadecimal digits."""

    sha256: Annotated[list[Digest], Meta(min_length=1, max_length=1000)]


class KnownFile(Struct, frozen=True, kw_only=True):
    """What there is of these bytes: the photo, in the trash or not; or when it was deleted for good; or neither."""

    sha256: str
    photo_id: UUID | None
    deleted_at: datetime | None


class LookupResponse(Struct, frozen=True, kw_only=True):
    """One for each digest, in the order asked."""

    items: list[KnownFile]


class PhotoInfo(Struct, frozen=True, kw_only=True):
    """Each photo once, in the order asked; the ids of those that are absent or someone else's; the size of the originals."""

    items: list[Photo]
    missing: list[UUID]
    total_bytes: int


class PhotoBatchController(Controller):
    path = "/photos"
    tags = ("photos",)

    @post(
        "/trash",
        operation_id="MoveToTrash",
        status_code=200,
        guards=[holding(Scope.PHOTOS_WRITE)],
        responses=_WRITE,
    )
    @inject
    async def move_to_trash(
        self, data: JSONBody[PhotoIdsRequest], actor: FromDishka[Actor], move_to_trash: FromDishka[MoveToTrash]
    ) -> BatchResults:
        """In one transaction. Trashed photos show in the trash alone, and can be restored until the retention ends."""
        return _results(await move_to_trash(actor=actor.user_id, photo_ids=_ids(data)))

    @post(
        "/restore",
        operation_id="RestoreFromTrash",
        status_code=200,
        guards=[holding(Scope.PHOTOS_WRITE)],
        responses=_WRITE,
    )
    @inject
    async def restore(
        self, data: JSONBody[PhotoIdsRequest], actor: FromDishka[Actor], restore: FromDishka[RestoreFromTrash]
    ) -> BatchResults:
        """In one transaction. The photos are as they were before, with hashtags and URLs."""
        return _results(await restore(actor=actor.user_id, photo_ids=_ids(data)))

    @post(
        "/delete",
        operation_id="DeleteTrashed",
        status_code=200,
        guards=[holding(Scope.PHOTOS_WRITE)],
        responses=_WRITE,
    )
    @inject
    async def delete_trashed(
        self, data: JSONBody[PhotoIdsRequest], actor: FromDishka[Actor], delete_trashed: FromDishka[DeleteTrashed]
    ) -> BatchResults:
        """For good, in one transaction, and only what is in the trash; the rest is told to be `not_trashed`."""
        return _results(await delete_trashed(actor=actor.user_id, photo_ids=_ids(data)))

    @post(
        "/lookup",
        operation_id="LookUpPhotos",
        status_code=200,
        guards=[holding(Scope.PHOTOS_READ)],
        responses=_READ,
    )
    @inject
    async def look_up(
        self, data: JSONBody[LookupRequest], actor: FromDishka[Actor], photos: FromDishka[PhotoQueries]
    ) -> LookupResponse:
        """Which files need not be sent, and which were deleted on purpose. Bytes that are there again are not deleted."""
        known = await photos.lookup([bytes.fromhex(each) for each in data.sha256], owner=actor.user_id)
        items = [
            KnownFile(sha256=each.sha256.hex(), photo_id=each.photo_id, deleted_at=each.deleted_at) for each in known
        ]
        return LookupResponse(items=items)

    @post(
        "/info",
        operation_id="GetPhotos",
        status_code=200,
        guards=[holding(Scope.PHOTOS_READ)],
        responses=_READ,
    )
    @inject
    async def info(
        self,
        data: JSONBody[PhotoIdsRequest],
        actor: FromDishka[Actor],
        photos: FromDishka[PhotoQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> PhotoInfo:
        """Many photos at once, in the trash or not, and what they take together."""
        asked = list(dict.fromkeys(_ids(data)))
        found = {view.id: view for view in await photos.find(asked, owner=actor.user_id)}
        expires_at = urls.expiry(clock.now())
        return PhotoInfo(
            items=[photo_of(found[each], urls, expires_at) for each in asked if each in found],
            missing=[each for each in asked if each not in found],
            total_bytes=sum(view.byte_size for view in found.values()),
        )


def _ids(data: PhotoIdsRequest) -> list[PhotoId]:
    return [PhotoId(each) for each in data.photo_ids]


def _results(results: Sequence[TrashResult]) -> BatchResults:
    return BatchResults(results=msgspec.convert(results, list[BatchResult], from_attributes=True))

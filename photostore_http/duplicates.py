"""`/photos/duplicates` and `/photos/{id}/duplicates`: photos that show the same picture."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import QueryParameter
from msgspec import Struct

from photostore.photo.duplicates import (
    DEFAULT_DISTANCE,
    LARGEST_DISTANCE,
    DuplicateGroup,
    DuplicateQueries,
    DuplicatesBusy,
    DuplicateView,
)
from photostore.photo.errors import PhotoNotFound
from photostore.shared.clock import Clock
from photostore.shared.errors import FieldError
from photostore.shared.ids import PhotoId
from photostore.shared.media import MediaUrls
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.declaring import LINK
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    Page,
    decode_cursor,
    encode_cursor,
    link_next,
)
from photostore_http.photo_requests import Id
from photostore_http.photo_responses import Photo, photo_of
from photostore_http.problem_specs import refusals
from photostore_http.routing import get

_DISTANCE = "How many of the 64 bits of two perceptual hashes may differ; 0: equal hashes, or the same pixels."
Distance = Annotated[int, QueryParameter(ge=0, le=LARGEST_DISTANCE, description=_DISTANCE)]
AnyRequest = Request[Any, Any, Any]


class DuplicatePhoto(Photo, frozen=True, kw_only=True):
    """A photo beside another: in how many bits its perceptual hash differs, and whether the pixels are the same."""

    distance: int
    same_pixels: bool


class PhotoGroup(Struct, frozen=True, kw_only=True):
    """Photos that show the same picture as the first, which is the oldest; `photos` has no more than 100 of them.

    `distance` is the largest to the first photo, of all `photo_count`.
    """

    kind: Literal["same_pixels", "near"]
    distance: int
    photo_count: int
    photos: list[DuplicatePhoto]


class _Cursor(Struct, array_like=True, frozen=True):
    distance: int
    first: UUID


class DuplicateController(Controller):
    path = "/photos"
    tags = ("photos",)
    guards = (holding(Scope.PHOTOS_READ),)

    @get(
        "/duplicates",
        operation_id="ListDuplicates",
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter, DuplicatesBusy),
    )
    @inject
    async def list_duplicates(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        duplicates: FromDishka[DuplicateQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
        distance: Distance = DEFAULT_DISTANCE,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[PhotoGroup]]:
        """Groups of photos that show the same picture, the group that was begun last first.

        A photo is in one group at most, beside the oldest photo that it is near to. Pictures of one colour, and others
        that show next to nothing, are duplicates only where their pixels are the same. A page can hold fewer groups than
        `limit` although there are more: follow `next_cursor`. In a library with so many photos alike that to compare them
        all would take seconds, the youngest are grouped by equal hashes and the same pixels alone.
        """
        after = _after(cursor, distance)
        page = await duplicates.groups(actor.user_id, distance=distance, after=after, limit=limit)
        expires_at = urls.expiry(clock.now())
        items = [
            _group(group, [_duplicate(each, photo_of(each.photo, urls, expires_at)) for each in group.photos])
            for group in page.items
        ]
        next_cursor = encode_cursor(_Cursor(distance, page.next)) if page.next else None
        return Response(Page(items=items, next_cursor=next_cursor), headers=link_next(request, next_cursor))

    @get(
        "/{photo_id:uuid}/duplicates",
        operation_id="ListPhotoDuplicates",
        responses=refusals(InvalidToken, InsufficientScope, PhotoNotFound, BadParameter),
    )
    @inject
    async def list_photo_duplicates(
        self,
        photo_id: Id,
        actor: FromDishka[Actor],
        duplicates: FromDishka[DuplicateQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
        distance: Distance = DEFAULT_DISTANCE,
    ) -> Page[DuplicatePhoto]:
        """The photos that show the same picture as this one, nearest first, no more than 100."""
        found = await duplicates.of_photo(PhotoId(photo_id), owner=actor.user_id, distance=distance)
        expires_at = urls.expiry(clock.now())
        items = [_duplicate(each, photo_of(each.photo, urls, expires_at)) for each in found]
        return Page(items=items, next_cursor=None)


def _after(cursor: str | None, distance: int) -> PhotoId | None:
    position = decode_cursor(cursor, _Cursor)
    if position is None:
        return None
    if position.distance != distance:
        errors = [FieldError("cursor", "is of another distance")]
        raise BadCursor("The cursor belongs to another distance.", errors=errors)
    return PhotoId(position.first)


def _group(group: DuplicateGroup, photos: list[DuplicatePhoto]) -> PhotoGroup:
    return PhotoGroup(kind=group.kind.value, distance=group.distance, photo_count=group.photo_count, photos=photos)


def _duplicate(view: DuplicateView, photo: Photo) -> DuplicatePhoto:
    return DuplicatePhoto(**msgspec.structs.asdict(photo), distance=view.distance, same_pixels=view.same_pixels)

"""`/albums/{id}/photos` and `/albums/{id}/order`: what is in an album."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Response
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta, Struct

from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.order_album import OrderAlbum
from photostore.album.commands.read_album_photos import ReadAlbumPhotos
from photostore.album.commands.remove_photos_from_album import RemovePhotosFromAlbum
from photostore.album.errors import AlbumFindsByQuery, AlbumInvalid
from photostore.album.queries import AlbumPosition, AlbumQueries, AlbumSort
from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate, FieldError, PreconditionFailed
from photostore.shared.ids import AlbumId, PhotoId
from photostore.shared.media import MediaUrls
from photostore.user.actor import Actor
from photostore.user.scopes import Scope
from photostore_http.album_documents import Album
from photostore_http.albums import ONE_ALBUM, AnyRequest, Id, album_answer
from photostore_http.authentication import holding
from photostore_http.conditions import expected_version
from photostore_http.declaring import ETAG, LINK
from photostore_http.moments import in_utc
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
from photostore_http.photo_batches import PhotoIdsRequest
from photostore_http.photo_responses import AlbumPhoto, album_photo, photo_in_album
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get, post, put

_WRITES = (*ONE_ALBUM, AlbumFindsByQuery, PreconditionFailed, ConcurrentUpdate)
Sort = Annotated[
    AlbumSort,
    QueryParameter(description="The order that people gave (a query has none: the newest first), or by time."),
]
PhotoPath = Annotated[UUID, PathParameter(description="The photo's id.")]


class OrderAlbumRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """These photos come in this order, right after `after`; at the beginning where that is null."""

    photo_ids: Annotated[list[UUID], Meta(min_length=1, max_length=1000)]
    after: UUID | None = None


class _Cursor(Struct, array_like=True, frozen=True):
    sort: str
    id: UUID
    position: Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
    taken_at: datetime | None


class AlbumPhotoController(Controller):
    path = "/albums/{album_id:uuid}"
    tags = ("albums",)

    @get(
        "/photos",
        operation_id="ListAlbumPhotos",
        guards=[holding(Scope.ALBUMS_READ)],
        response_headers=[LINK],
        responses=refusals(*ONE_ALBUM, BadCursor, BadParameter),
    )
    @inject
    async def list_photos(
        self,
        request: AnyRequest,
        album_id: Id,
        actor: FromDishka[Actor],
        read_photos: FromDishka[ReadAlbumPhotos],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
        sort: Sort = AlbumSort.POSITION,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[AlbumPhoto]]:
        """Everybody's photos in it, but for the trash. Of others' photos `sha256`, `favorite` and `custom` are null, and the
        URLs end with the album, the membership, or the photo's being in it."""
        after = _position_of(cursor, sort)
        read = await read_photos(actor=actor.user_id, album_id=AlbumId(album_id), sort=sort, after=after, limit=limit)
        expires_at, audience = urls.expiry(clock.now()), read.album.audience(actor.user_id)
        items = [
            album_photo(view, photo_in_album(view, urls, expires_at, reader=actor.user_id, audience=audience))
            for view in read.page.items
        ]
        next_cursor = _cursor_of(read.page.next, sort) if read.page.next else None
        return Response(Page(items=items, next_cursor=next_cursor), headers=link_next(request, next_cursor))

    @put(
        "/photos",
        operation_id="AddPhotosToAlbum",
        guards=[holding(Scope.ALBUMS_WRITE)],
        response_headers=[ETAG],
        responses=refusals(*_WRITES, AlbumInvalid),
    )
    @inject
    async def add(
        self,
        request: AnyRequest,
        album_id: Id,
        data: JSONBody[PhotoIdsRequest],
        actor: FromDishka[Actor],
        add_photos: FromDishka[AddPhotosToAlbum],
        albums: FromDishka[AlbumQueries],
    ) -> Response[Album]:
        """Put photos of one's own at its end, in this order. Those that are in it already stay where they are."""
        await add_photos(
            actor=actor.user_id,
            album_id=AlbumId(album_id),
            photo_ids=[PhotoId(each) for each in data.photo_ids],
            expected_version=expected_version(request),
        )
        return album_answer(await albums.get(AlbumId(album_id), reader=actor.user_id))

    @delete(
        "/photos/{photo_id:uuid}",
        operation_id="RemovePhotoFromAlbum",
        guards=[holding(Scope.ALBUMS_WRITE)],
        responses=refusals(*_WRITES),
    )
    @inject
    async def remove_one(
        self,
        request: AnyRequest,
        album_id: Id,
        photo_id: PhotoPath,
        actor: FromDishka[Actor],
        remove_photos: FromDishka[RemovePhotosFromAlbum],
    ) -> None:
        """The photo stays. Not in the album is fine."""
        await remove_photos(
            actor=actor.user_id,
            album_id=AlbumId(album_id),
            photo_ids=[PhotoId(photo_id)],
            expected_version=expected_version(request),
        )

    @post(
        "/photos/remove",
        operation_id="RemovePhotosFromAlbum",
        status_code=200,
        guards=[holding(Scope.ALBUMS_WRITE)],
        response_headers=[ETAG],
        responses=refusals(*_WRITES),
    )
    @inject
    async def remove_many(
        self,
        album_id: Id,
        data: JSONBody[PhotoIdsRequest],
        actor: FromDishka[Actor],
        remove_photos: FromDishka[RemovePhotosFromAlbum],
        albums: FromDishka[AlbumQueries],
    ) -> Response[Album]:
        """In one transaction. The photos stay. Not in the album is fine; contributors take out their own alone."""
        photo_ids = [PhotoId(each) for each in data.photo_ids]
        await remove_photos(actor=actor.user_id, album_id=AlbumId(album_id), photo_ids=photo_ids)
        return album_answer(await albums.get(AlbumId(album_id), reader=actor.user_id))

    @post(
        "/order",
        operation_id="OrderAlbum",
        status_code=200,
        guards=[holding(Scope.ALBUMS_WRITE)],
        response_headers=[ETAG],
        responses=refusals(*_WRITES, AlbumInvalid),
    )
    @inject
    async def order(
        self,
        album_id: Id,
        data: JSONBody[OrderAlbumRequest],
        actor: FromDishka[Actor],
        order_album: FromDishka[OrderAlbum],
        albums: FromDishka[AlbumQueries],
    ) -> Response[Album]:
        """Move some photos, one or all, to one place, in this order. The others stay in theirs."""
        await order_album(
            actor=actor.user_id,
            album_id=AlbumId(album_id),
            photo_ids=[PhotoId(each) for each in data.photo_ids],
            after=None if data.after is None else PhotoId(data.after),
        )
        return album_answer(await albums.get(AlbumId(album_id), reader=actor.user_id))


def _position_of(cursor: str | None, sort: AlbumSort) -> AlbumPosition | None:
    told = decode_cursor(cursor, _Cursor)
    if told is None:
        return None
    if told.sort != sort.value:
        raise BadCursor("The cursor belongs to another order.", errors=[FieldError("cursor", "is of another sort")])
    return AlbumPosition(id=told.id, position=told.position, taken_at=told.taken_at and in_utc(told.taken_at))


def _cursor_of(position: AlbumPosition, sort: AlbumSort) -> str:
    return encode_cursor(_Cursor(sort.value, position.id, position.position, position.taken_at))

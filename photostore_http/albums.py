"""`/albums`: make, list, read, edit and delete them."""

from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import JSONBody, PathParameter, QueryParameter

from photostore.album.commands.create_album import CreateAlbum
from photostore.album.commands.delete_album import DeleteAlbum
from photostore.album.commands.edit_album import EditAlbum
from photostore.album.errors import AlbumFilledByHand, AlbumInvalid, AlbumNotFound
from photostore.album.queries import AlbumQueries, AlbumView
from photostore.hashtag.errors import NotAHashtag
from photostore.shared.errors import ConcurrentUpdate, PreconditionFailed
from photostore.shared.ids import AlbumId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.album_documents import (
    Album,
    CreateAlbumRequest,
    EditAlbumRequest,
    album_of,
    edit_of,
    filter_of,
)
from photostore_http.authentication import holding
from photostore_http.conditions import etag, expected_version, is_unchanged
from photostore_http.declaring import ETAG, LINK, LOCATION, UNCHANGED
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    Page,
    decode_cursor,
    page_of,
)
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get, patch, post

AnyRequest = Request[Any, Any, Any]
Id = Annotated[UUID, PathParameter(description="The album's id.")]
Shared = Annotated[bool, QueryParameter(description="Those that others share with the caller, in place of their own.")]

ONE_ALBUM = (InvalidToken, InsufficientScope, AlbumNotFound)


class AlbumController(Controller):
    path = "/albums"
    tags = ("albums",)

    @post(
        operation_id="CreateAlbum",
        guards=[holding(Scope.ALBUMS_WRITE)],
        response_headers=[LOCATION, ETAG],
        responses=refusals(InvalidToken, InsufficientScope, AlbumInvalid, NotAHashtag),
    )
    @inject
    async def create(
        self,
        data: JSONBody[CreateAlbumRequest],
        actor: FromDishka[Actor],
        create_album: FromDishka[CreateAlbum],
        albums: FromDishka[AlbumQueries],
    ) -> Response[Album]:
        """Filled by hand; or with a `query`, by what it finds whenever somebody looks."""
        album_id = await create_album(
            actor=actor.user_id, name=data.name, description=data.description, query=filter_of(data.query)
        )
        view = await albums.get(album_id, reader=actor.user_id)
        return album_answer(view, status_code=201, headers={"Location": f"/api/v1/albums/{view.id}"})

    @get(
        operation_id="ListAlbums",
        guards=[holding(Scope.ALBUMS_READ)],
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter),
    )
    @inject
    async def list_albums(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        albums: FromDishka[AlbumQueries],
        shared: Shared = False,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[Album]]:
        """The caller's own, or those shared with them; the newest first."""
        position = decode_cursor(cursor, UUID)
        after = None if position is None else AlbumId(position)
        views = await albums.list(actor.user_id, shared=shared, after=after, limit=limit + 1)
        return page_of(request, [album_of(view) for view in views], limit=limit, position=lambda album: album.id)

    @get(
        "/{album_id:uuid}",
        operation_id="GetAlbum",
        guards=[holding(Scope.ALBUMS_READ)],
        response_headers=[ETAG],
        responses={304: UNCHANGED, **refusals(*ONE_ALBUM)},
    )
    @inject
    async def get_one(
        self, request: AnyRequest, album_id: Id, actor: FromDishka[Actor], albums: FromDishka[AlbumQueries]
    ) -> Response[Album]:
        """One's own, or one that is shared with the caller."""
        view = await albums.get(AlbumId(album_id), reader=actor.user_id)
        if is_unchanged(request, view.version):
            return Response(None, status_code=304, headers={"ETag": etag(view.version)})  # type: ignore[arg-type]
        return album_answer(view)

    @patch(
        "/{album_id:uuid}",
        operation_id="EditAlbum",
        guards=[holding(Scope.ALBUMS_WRITE)],
        response_headers=[ETAG],
        responses=refusals(
            *ONE_ALBUM, PreconditionFailed, AlbumInvalid, NotAHashtag, AlbumFilledByHand, ConcurrentUpdate
        ),
    )
    @inject
    async def edit(
        self,
        request: AnyRequest,
        album_id: Id,
        data: JSONBody[EditAlbumRequest],
        actor: FromDishka[Actor],
        edit_album: FromDishka[EditAlbum],
        albums: FromDishka[AlbumQueries],
    ) -> Response[Album]:
        """A JSON merge patch, for owner and editors; the query is the owner's alone. The cover is a photo that shows in it."""
        await edit_album(
            actor=actor.user_id,
            album_id=AlbumId(album_id),
            edit=edit_of(data),
            expected_version=expected_version(request),
        )
        return album_answer(await albums.get(AlbumId(album_id), reader=actor.user_id))

    @delete(
        "/{album_id:uuid}",
        operation_id="DeleteAlbum",
        guards=[holding(Scope.ALBUMS_WRITE)],
        responses=refusals(*ONE_ALBUM, PreconditionFailed, ConcurrentUpdate),
    )
    @inject
    async def remove(
        self, request: AnyRequest, album_id: Id, actor: FromDishka[Actor], delete_album: FromDishka[DeleteAlbum]
    ) -> None:
        """For the owner. The photos stay."""
        await delete_album(actor=actor.user_id, album_id=AlbumId(album_id), expected_version=expected_version(request))


def album_answer(view: AlbumView, *, status_code: int = 200, headers: dict[str, str] | None = None) -> Response[Album]:
    return Response(album_of(view), status_code=status_code, headers={"ETag": etag(view.version), **(headers or {})})

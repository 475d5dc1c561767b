"""`/albums/{id}/members`: whom an album is shared with."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter
from msgspec import Meta, Struct

from photostore.album.commands.share_album import ShareAlbum
from photostore.album.commands.unshare_album import UnshareAlbum
from photostore.album.errors import AlbumInvalid, TooManyMembers
from photostore.album.queries import AlbumQueries, MemberView
from photostore.album.roles import Role
from photostore.shared.errors import ConcurrentUpdate, PreconditionFailed
from photostore.shared.ids import AlbumId, UserId
from photostore.user.actor import Actor
from photostore.user.email import EmailAddress, email_address
from photostore.user.errors import UserInvalid, UserNotFound
from photostore.user.scopes import Scope
from photostore_http.albums import ONE_ALBUM, AnyRequest, Id
from photostore_http.authentication import holding
from photostore_http.conditions import expected_version
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
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get, put

User = Annotated[str, PathParameter(description="The user's id, or their exact e-mail address.")]


class ShareAlbumRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A viewer reads; a contributor also adds photos of their own and takes those away; an editor also edits, orders, and
    takes any photo away."""

    role: Literal["viewer", "contributor", "editor"]


class AlbumMember(Struct, frozen=True, kw_only=True):
    """Somebody whom an album is shared with, since `created_at`."""

    user_id: UUID
    display_name: str | None
    role: Literal["viewer", "contributor", "editor"]
    created_at: datetime


class _Cursor(Struct, array_like=True, frozen=True):
    number: Annotated[int, Meta(ge=0, le=(1 << 31) - 1)]


class AlbumMemberController(Controller):
    path = "/albums/{album_id:uuid}/members"
    tags = ("albums",)

    @get(
        operation_id="ListAlbumMembers",
        guards=[holding(Scope.ALBUMS_READ)],
        response_headers=[LINK],
        responses=refusals(*ONE_ALBUM, BadCursor, BadParameter),
    )
    @inject
    async def list_members(
        self,
        request: AnyRequest,
        album_id: Id,
        actor: FromDishka[Actor],
        albums: FromDishka[AlbumQueries],
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[AlbumMember]]:
        """All but the owner, in the order of joining; for all who can see the album."""
        position = decode_cursor(cursor, _Cursor)
        after = None if position is None else position.number
        await albums.get(AlbumId(album_id), reader=actor.user_id)
        views = await albums.members(AlbumId(album_id), reader=actor.user_id, after=after, limit=limit + 1)
        next_cursor = encode_cursor(_Cursor(views[limit - 1].number)) if len(views) > limit else None
        items = [_member(view) for view in views[:limit]]
        return Response(Page(items=items, next_cursor=next_cursor), headers=link_next(request, next_cursor))

    @put(
        "/{user:str}",
        operation_id="ShareAlbum",
        guards=[holding(Scope.ALBUMS_WRITE)],
        responses={
            201: ResponseSpec(AlbumMember, description="They are new to the album.", generate_examples=False),
            **refusals(*ONE_ALBUM, UserNotFound, AlbumInvalid, TooManyMembers, PreconditionFailed, ConcurrentUpdate),
        },
    )
    @inject
    async def share(
        self,
        request: AnyRequest,
        album_id: Id,
        user: User,
        data: JSONBody[ShareAlbumRequest],
        actor: FromDishka[Actor],
        share_album: FromDishka[ShareAlbum],
        albums: FromDishka[AlbumQueries],
    ) -> Response[AlbumMember]:
        """For the owner: make somebody a member, or change what they are."""
        shared = await share_album(
            actor=actor.user_id,
            album_id=AlbumId(album_id),
            user=_named(user),
            role=Role(data.role),
            expected_version=expected_version(request),
        )
        found = await albums.members(AlbumId(album_id), reader=actor.user_id, after=shared.number - 1, limit=1)
        # Meanwhile they may have left, or the album may be gone: then the next one is found, or none.
        if not found or found[0].number != shared.number:
            raise ConcurrentUpdate("They ceased to be a member at the same time.")
        return Response(_member(found[0]), status_code=201 if shared.new else 200)

    @delete(
        "/{user:str}",
        operation_id="UnshareAlbum",
        guards=[holding(Scope.ALBUMS_WRITE)],
        responses=refusals(*ONE_ALBUM, UserNotFound, PreconditionFailed, ConcurrentUpdate),
    )
    @inject
    async def unshare(
        self,
        request: AnyRequest,
        album_id: Id,
        user: User,
        actor: FromDishka[Actor],
        unshare_album: FromDishka[UnshareAlbum],
    ) -> None:
        """The owner ends it for anybody, a member for themselves. What they own leaves the album with them."""
        await unshare_album(
            actor=actor.user_id,
            album_id=AlbumId(album_id),
            user=_named(user),
            expected_version=expected_version(request),
        )


def _named(text: str) -> UserId | EmailAddress:
    """Raise `UserNotFound` for what can be neither."""
    try:
        return email_address(text) if "@" in text else UserId(UUID(text))
    except (ValueError, UserInvalid):
        raise UserNotFound("There is no user of that id or address.") from None


def _member(view: MemberView) -> AlbumMember:
    role: Literal["viewer", "contributor", "editor"] = view.role  # type: ignore[assignment]
    return AlbumMember(user_id=view.user_id, display_name=view.display_name, role=role, created_at=view.created_at)

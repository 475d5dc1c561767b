"""`/public/{token}`: what people without an account see through a share link."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zlib import crc32

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import JSONBody, PathParameter
from msgspec import Struct

from photostore.photo.errors import PhotoNotFound
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.commands.unlock_share import UnlockShare
from photostore.share_link.commands.view_share import ViewShare
from photostore.share_link.errors import (
    ShareExpired,
    ShareNotFound,
    ShareViewsUsedUp,
    TooManyPasswords,
    WrongSharePassword,
)
from photostore.share_link.gate import Share
from photostore.share_link.queries import SharedLink, SharePosition
from photostore.share_link.telling import is_shown
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId
from photostore.submission.commands.read_submission import ReadSubmission
from photostore_http.authentication import rate_limited_address
from photostore_http.conditions import names_tag
from photostore_http.declaring import ETAG, LINK, UNCHANGED
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
from photostore_http.routing import get, post
from photostore_http.share_gate import GATE, entered, visitor_of
from photostore_http.shared_photos import PublicPhoto, SharedPhotos

AnyRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(description="The link's token.")]
_Id = Annotated[UUID, PathParameter(description="The photo's id.")]


class PublicShare(Struct, frozen=True, kw_only=True):
    """What a link shows, and what it allows. A link to an album is called as the album where it has no name of its own;
    `photo_count` is null where a query finds the photos."""

    name: str | None
    owner_display_name: str | None
    photo_count: int | None
    has_password: bool
    allow_download: bool
    allow_upload: bool
    hide_metadata: bool
    allow_selection: bool
    expires_at: datetime | None


class UnlockShareRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    password: str


class UnlockedShare(Struct, frozen=True, kw_only=True):
    """For `Authorization: Bearer` at this share's other calls. It ends with the link's password."""

    access_token: str
    expires_in: int


class PublicController(Controller):
    path = "/public/{token:str}"
    tags = ("shares",)
    security = [{}, {"share": []}]  # noqa: RUF012 - Litestar reads it so

    @get(
        operation_id="GetPublicShare",
        guards=[entered],
        response_headers=[ETAG],
        responses={304: UNCHANGED, **refusals(*GATE)},
    )
    @inject
    async def share(
        self,
        request: AnyRequest,
        token: Token,
        share: FromDishka[Share],
        view_share: FromDishka[ViewShare],
        read_share: FromDishka[ReadShare],
    ) -> Response[PublicShare]:
        """This is what counts as a view, but for a HEAD."""
        if "is_head" not in request.scope:
            await view_share(share, visitor=visitor_of(request))
        shown = public_share(share.link, await read_share.count(share))
        # What is shown of the album and of its owner changes without the link.
        tag = f'"{share.link.version}-{crc32(repr(shown).encode()):08x}"'
        if names_tag(request, tag):
            return Response(None, status_code=304, headers={"ETag": tag})  # type: ignore[arg-type]
        return Response(shown, headers={"ETag": tag})

    @post(
        "/unlock",
        operation_id="UnlockShare",
        status_code=200,
        security=[{}],
        responses=refusals(ShareNotFound, ShareExpired, ShareViewsUsedUp, WrongSharePassword, TooManyPasswords),
    )
    @inject
    async def unlock(
        self,
        request: AnyRequest,
        token: Token,
        data: JSONBody[UnlockShareRequest],
        unlock_share: FromDishka[UnlockShare],
    ) -> UnlockedShare:
        """The link's password for a token. Whoever goes on guessing waits longer and longer."""
        unlocked = await unlock_share(token=token, password=data.password, network=rate_limited_address(request))
        return UnlockedShare(access_token=unlocked.access_token, expires_in=unlocked.expires_in)

    @get(
        "/photos",
        operation_id="ListPublicPhotos",
        guards=[entered],
        response_headers=[LINK],
        responses=refusals(*GATE, BadCursor, BadParameter),
    )
    @inject
    async def photos(
        self,
        request: AnyRequest,
        token: Token,
        share: FromDishka[Share],
        read_share: FromDishka[ReadShare],
        shown: FromDishka[SharedPhotos],
        clock: FromDishka[Clock],
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[PublicPhoto]]:
        """In the order in which the owner named them, or in the album's. Those in the trash are not among them."""
        page = await read_share.page(share, after=decode_cursor(cursor, SharePosition), limit=limit)
        next_cursor = encode_cursor(page.next) if page.next else None
        items = shown.all(page.items, clock.now())
        return Response(Page(items=items, next_cursor=next_cursor), headers=link_next(request, next_cursor))

    @get(
        "/photos/{photo_id:uuid}",
        operation_id="GetPublicPhoto",
        guards=[entered],
        response_headers=[ETAG],
        responses={304: UNCHANGED, **refusals(*GATE, PhotoNotFound)},
    )
    @inject
    async def photo(
        self,
        request: AnyRequest,
        token: Token,
        photo_id: _Id,
        share: FromDishka[Share],
        read_submission: FromDishka[ReadSubmission],
        shown: FromDishka[SharedPhotos],
        clock: FromDishka[Clock],
    ) -> Response[PublicPhoto]:
        """With fresh URLs of its bytes. What was sent through this very link is told also while it is not shown: `processing`,
        without URLs."""
        view = await read_submission(share, PhotoId(photo_id))
        # The same photo reads otherwise through a link that tells less.
        version = view.version if is_shown(view) else 0
        tag = f'"{version}-{share.link.version % 100_000}"'
        if names_tag(request, tag):
            return Response(None, status_code=304, headers={"ETag": tag})  # type: ignore[arg-type]
        return Response(shown.all([view], clock.now())[0], headers={"ETag": tag})


def public_share(link: SharedLink, photo_count: int | None) -> PublicShare:
    return PublicShare(
        name=link.name or link.album_name,
        owner_display_name=link.owner_display_name,
        photo_count=photo_count,
        has_password=link.password_hash is not None,
        allow_download=link.allow_download,
        allow_upload=link.allow_upload,
        hide_metadata=link.hide_metadata,
        allow_selection=link.allow_selection,
        expires_at=link.expires_at,
    )

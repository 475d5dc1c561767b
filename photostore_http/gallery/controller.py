"""`/s/{token}`: a share as a page for people."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qs
from uuid import UUID

from dishka import AsyncContainer
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Response, get
from litestar.datastructures import Cookie
from litestar.exceptions import ClientException, HTTPException
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath, QueryParameter

from photostore.share_link.commands.enter_share import EnterShare
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.commands.unlock_share import UnlockShare
from photostore.share_link.commands.view_share import ViewShare
from photostore.share_link.gate import Share
from photostore.share_link.queries import SharePosition
from photostore.shared.clock import Clock
from photostore.shared.errors import Forbidden, PhotostoreError
from photostore.shared.ids import PhotoId
from photostore_http.authentication import Connection, rate_limited_address
from photostore_http.gallery.answers import (
    AnyRequest,
    ContentPolicy,
    Page,
    on_faulty_page,
    on_refused_page,
    on_wrong_request,
    page_answer,
    path_of,
    texts_for,
)
from photostore_http.gallery.own_page import COOKIE, is_own_form, unlocked_by
from photostore_http.gallery.pages import ASSETS_PATH, STATIC, Gallery, gallery_page, more_photos, photo_page
from photostore_http.gallery.tiles import Tile, tile_of
from photostore_http.paging import CursorText, decode_cursor, encode_cursor
from photostore_http.public import public_share
from photostore_http.routing import get as guarded_get
from photostore_http.routing import post
from photostore_http.settings import HttpSettings
from photostore_http.share_gate import visitor_of
from photostore_http.shared_photos import SharedPhotos

_PHOTOS_A_PAGE = 60
_Part = Annotated[Literal["tile"] | None, QueryParameter(description="What of the page is wanted.")]


async def entered_by_cookie(connection: Connection, _: BaseRouteHandler) -> None:
    """As the API's gate, with the unlock in the cookie that the password form sets."""
    container: AsyncContainer = connection.scope["state"]["dishka_container"]
    enter_share = await container.get(EnterShare)
    bearer = unlocked_by(connection.headers.get("cookie", ""))
    connection.scope["state"]["share"] = await enter_share(token=connection.path_params["token"], bearer=bearer)


class GalleryController(Controller):
    path = "/s/{token:str}"
    include_in_schema = False
    exception_handlers = {  # noqa: RUF012 - Litestar reads it so
        PhotostoreError: on_refused_page,
        HTTPException: on_wrong_request,
        Exception: on_faulty_page,
    }

    @guarded_get(guards=[entered_by_cookie])
    @inject
    async def page(
        self,
        request: AnyRequest,
        token: FromPath[str],
        share: FromDishka[Share],
        view_share: FromDishka[ViewShare],
        read_share: FromDishka[ReadShare],
        shown: FromDishka[SharedPhotos],
        clock: FromDishka[Clock],
        policy: FromDishka[ContentPolicy],
        cursor: CursorText = None,
    ) -> Page:
        """Coming is a view; going on to further photos is none."""
        if cursor is None:
            await view_share(share, visitor=visitor_of(request))
        gallery = _about(request, share, await read_share.count(share))
        tiles, next_cursor = await _tiles(share, read_share, shown, clock, cursor)
        texts = texts_for(request)
        content = gallery_page(texts, gallery, tiles, next_cursor=next_cursor, is_first=cursor is None)
        return page_answer(content, texts, policy=policy.text)

    @guarded_get("/photos", guards=[entered_by_cookie])
    @inject
    async def more(
        self,
        request: AnyRequest,
        token: FromPath[str],
        share: FromDishka[Share],
        read_share: FromDishka[ReadShare],
        shown: FromDishka[SharedPhotos],
        clock: FromDishka[Clock],
        policy: FromDishka[ContentPolicy],
        cursor: CursorText = None,
    ) -> Page:
        """Further photos, to be put into the page."""
        gallery = _about(request, share)
        tiles, next_cursor = await _tiles(share, read_share, shown, clock, cursor)
        texts = texts_for(request)
        return page_answer(more_photos(texts, gallery, tiles, next_cursor=next_cursor), texts, policy=policy.text)

    @guarded_get("/photos/{photo_id:uuid}", guards=[entered_by_cookie])
    @inject
    async def photo(
        self,
        request: AnyRequest,
        token: FromPath[str],
        photo_id: FromPath[UUID],
        share: FromDishka[Share],
        read_share: FromDishka[ReadShare],
        shown: FromDishka[SharedPhotos],
        clock: FromDishka[Clock],
        policy: FromDishka[ContentPolicy],
        part: _Part = None,
    ) -> Page:
        """One photo by itself; `part=tile` is what the page puts in the place of a tile whose URLs have ended."""
        view = await read_share.photo(share, PhotoId(photo_id))
        tile, gallery, texts = tile_of(shown.all([view], clock.now())[0]), _about(request, share), texts_for(request)
        if part == "tile":
            return page_answer(more_photos(texts, gallery, [tile], next_cursor=None), texts, policy=policy.text)
        return page_answer(photo_page(texts, gallery, tile), texts, policy=policy.text)

    @post("/unlock", status_code=303)
    @inject
    async def unlock(
        self,
        request: AnyRequest,
        token: FromPath[str],
        unlock_share: FromDishka[UnlockShare],
        settings: FromDishka[HttpSettings],
    ) -> Response[None]:
        """The password form. What the password is traded for stays in a cookie that no script reads."""
        password = (await _form(request)).get("password", [""])[0]
        unlocked = await unlock_share(token=token, password=password, network=rate_limited_address(request))
        cookie = Cookie(
            key=COOKIE,
            value=unlocked.access_token,
            path=path_of(request),
            max_age=unlocked.expires_in,
            httponly=True,
            samesite="strict",
            secure=settings.is_https,
        )
        headers = {"Location": path_of(request), "Cache-Control": "no-store"}
        return Response(None, status_code=303, headers=headers, cookies=[cookie])


async def _form(request: AnyRequest) -> dict[str, list[str]]:
    """What a form of the page's own sends."""
    if not is_own_form(request.headers):
        raise Forbidden("The form was sent by another page.")
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise ClientException("The form is not encoded as the page's are.")
    try:
        return parse_qs((await request.body()).decode(), max_num_fields=10_000)
    except ValueError:
        raise ClientException("The form cannot be read.") from None


def _about(request: AnyRequest, share: Share, photo_count: int | None = None) -> Gallery:
    link = share.link
    told = public_share(link, photo_count)
    return Gallery(
        path=path_of(request),
        name=told.name,
        owner_name=told.owner_display_name,
        photo_count=told.photo_count,
        has_password=told.has_password,
        allow_download=told.allow_download,
        allow_upload=told.allow_upload,
        allow_selection=getattr(link, "allow_selection", False),
        review=link.review,
    )


async def _tiles(
    share: Share, read_share: ReadShare, shown: SharedPhotos, clock: Clock, cursor: str | None
) -> tuple[list[Tile], str | None]:
    page = await read_share.page(share, after=decode_cursor(cursor, SharePosition), limit=_PHOTOS_A_PAGE)
    tiles = [tile_of(photo) for photo in shown.all(page.items, clock.now())]
    return tiles, encode_cursor(page.next) if page.next else None


@get(f"{ASSETS_PATH}/{{version:str}}/{{name:path}}", include_in_schema=False)
async def gallery_asset(request: AnyRequest, version: FromPath[str], name: FromPath[str]) -> Response[bytes | None]:
    return STATIC.answer(request, version, name)


GALLERY: list[Any] = [GalleryController, gallery_asset]

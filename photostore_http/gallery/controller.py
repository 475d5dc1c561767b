"""`/s/{token}`: a share as a page for people."""

from typing import Annotated, Any, Literal
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Response, get
from litestar.datastructures import Cookie
from litestar.params import FromPath, QueryParameter

from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.commands.unlock_share import UnlockShare
from photostore.share_link.commands.view_share import ViewShare
from photostore.share_link.gate import Share
from photostore.share_link.queries import SharePosition
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId
from photostore_http.authentication import rate_limited_address
from photostore_http.gallery.answers import (
    FOR_PEOPLE,
    AnyRequest,
    ContentPolicy,
    Page,
    page_answer,
    path_of,
    texts_for,
)
from photostore_http.gallery.archives import GalleryArchiveController
from photostore_http.gallery.entering import entered_by_cookie, form_of
from photostore_http.gallery.own_page import COOKIE
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
# What people send each other is given marks of where it was seen on its way (`?fbclid=`, `?utm_source=`).
_FOLLOWED = {"any_query": True}
_Part = Annotated[Literal["tile"] | None, QueryParameter(description="What of the page is wanted.")]


class GalleryController(Controller):
    path = "/s/{token:str}"
    include_in_schema = False
    exception_handlers = FOR_PEOPLE

    @guarded_get(guards=[entered_by_cookie], opt=_FOLLOWED)
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
        """Coming is a view; going on to further photos is none, nor is a HEAD."""
        if cursor is None and "is_head" not in request.scope:
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

    @guarded_get("/photos/{photo_id:uuid}", guards=[entered_by_cookie], opt=_FOLLOWED)
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
        password = (await form_of(request)).get("password", [""])[0]
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
        allow_selection=link.allow_selection,
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


GALLERY: list[Any] = [GalleryController, GalleryArchiveController, gallery_asset]

"""`/hashtags`: make, list, search."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from dishka import AsyncContainer
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.params import JSONBody, QueryParameter
from msgspec import Struct

from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.hashtag.errors import HashtagExists, NotAHashtag
from photostore.hashtag.queries import HashtagQueries, HashtagVisibility
from photostore.shared.ids import UserId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import authenticate, holding
from photostore_http.declaring import LINK
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
from photostore_http.routing import get, post

AnyRequest = Request[Any, Any, Any]


class Hashtag(Struct, frozen=True, kw_only=True):
    """A hashtag and how many photos carry it."""

    id: UUID
    name: str
    photo_count: int
    created_at: datetime


class CreateHashtagRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str


async def _reader_if_private(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Open to everyone, unless the service keeps hashtags private."""
    container: AsyncContainer = connection.state.dishka_container
    if (await container.get(HashtagVisibility)).private:
        (await authenticate(connection)).demand(Scope.PHOTOS_READ)


def _reader(request: AnyRequest) -> UserId | None:
    actor: Actor | None = getattr(request.state, "actor", None)
    return actor.user_id if actor else None


class HashtagController(Controller):
    path = "/hashtags"
    tags = ("hashtags",)

    @post(
        operation_id="CreateHashtag",
        guards=[holding(Scope.PHOTOS_WRITE)],
        responses=refusals(InvalidToken, InsufficientScope, HashtagExists, NotAHashtag),
    )
    @inject
    async def create(
        self, data: JSONBody[CreateHashtagRequest], actor: FromDishka[Actor], create_hashtag: FromDishka[CreateHashtag]
    ) -> Hashtag:
        """Photos make the hashtags that they need by themselves; this makes one before any photo carries it."""
        made = await create_hashtag(actor=actor.user_id, name=data.name)
        return Hashtag(id=made.id, name=made.name, photo_count=0, created_at=made.created_at)

    @get(
        operation_id="ListHashtags",
        guards=[_reader_if_private],
        security=[{}, {"bearer": []}],
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter),
    )
    @inject
    async def list_hashtags(
        self,
        request: AnyRequest,
        hashtags: FromDishka[HashtagQueries],
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[Hashtag]]:
        """All of them, by name."""
        after = decode_cursor(cursor, str)
        views = await hashtags.list(reader=_reader(request), after=after, limit=limit + 1)
        items = msgspec.convert(views, list[Hashtag], from_attributes=True)
        return page_of(request, items, limit=limit, position=lambda hashtag: hashtag.name)

    @get(
        "/search",
        operation_id="SearchHashtags",
        guards=[_reader_if_private],
        security=[{}, {"bearer": []}],
        responses=refusals(InvalidToken, InsufficientScope, BadParameter),
    )
    @inject
    async def search(
        self,
        request: AnyRequest,
        hashtags: FromDishka[HashtagQueries],
        q: Annotated[str, QueryParameter(description="The beginning of a name, or something like it.", max_length=200)],
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[Hashtag]:
        """Those that begin with `q`, most used first, then those that are similar to it."""
        views = await hashtags.search(q, reader=_reader(request), limit=limit)
        return Page(items=msgspec.convert(views, list[Hashtag], from_attributes=True), next_cursor=None)

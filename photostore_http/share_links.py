"""`/share-links`: what the caller shares with people who have no account."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Struct

from photostore.share_link.commands.create_share_link import CreateShareLink
from photostore.share_link.commands.delete_share_link import DeleteShareLink
from photostore.share_link.commands.edit_share_link import EditShareLink
from photostore.share_link.errors import ShareLinkInvalid, ShareLinkNotFound
from photostore.share_link.queries import ShareLinkQueries
from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate, FieldError, PreconditionFailed
from photostore.shared.ids import ShareLinkId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
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
from photostore_http.share_link_documents import (
    CreateShareLinkRequest,
    EditShareLinkRequest,
    ShareLink,
    ShareLinkDocuments,
    edit_of,
    password_of,
    wanted_of,
)

AnyRequest = Request[Any, Any, Any]
_MOST_DAYS = 366
# Calendars begin somewhere, and there were no links then.
_EARLIEST = date(2000, 1, 1)
_Id = Annotated[UUID, PathParameter(description="The link's id.")]
_From = Annotated[
    date | None, QueryParameter(name="from", description="The first day, in UTC; unless told 29 days before the last.")
]
_To = Annotated[date | None, QueryParameter(name="to", description="The last day, in UTC; unless told today.")]

_READ = refusals(InvalidToken, InsufficientScope)
_ONE = refusals(InvalidToken, InsufficientScope, ShareLinkNotFound)


class ShareDay(Struct, frozen=True, kw_only=True):
    """One day, in UTC. `visitors` are told apart by address and browser, of which nothing is kept."""

    day: date
    views: int
    visitors: int
    downloads: int
    uploads: int


class ShareStatistics(Struct, frozen=True, kw_only=True):
    items: list[ShareDay]


class ShareLinkController(Controller):
    path = "/share-links"
    tags = ("shares",)

    @post(
        operation_id="CreateShareLink",
        guards=[holding(Scope.SHARES_WRITE)],
        response_headers=[LOCATION, ETAG],
        responses={**_READ, **refusals(ShareLinkInvalid)},
    )
    @inject
    async def create(
        self,
        data: JSONBody[CreateShareLinkRequest],
        actor: FromDishka[Actor],
        create_share_link: FromDishka[CreateShareLink],
        links: FromDishka[ShareLinkQueries],
        documents: FromDishka[ShareLinkDocuments],
    ) -> Response[ShareLink]:
        """To an album of the caller's, or to 1 to 1000 photos of theirs. Nothing is allowed that is not said."""
        link_id = await create_share_link(actor=actor.user_id, wanted=wanted_of(data))
        view = await links.get(link_id, owner=actor.user_id)
        headers = {
            "Location": f"/api/v1/share-links/{link_id}",
            "ETag": etag(view.version),
            "Cache-Control": "no-store",
        }
        return Response(documents.of(view), status_code=201, headers=headers)

    @get(
        operation_id="ListShareLinks",
        guards=[holding(Scope.SHARES_READ)],
        response_headers=[LINK],
        responses={**_READ, **refusals(BadCursor, BadParameter)},
    )
    @inject
    async def list_links(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        links: FromDishka[ShareLinkQueries],
        documents: FromDishka[ShareLinkDocuments],
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[ShareLink]]:
        """All that the caller has shared, newest first."""
        after = decode_cursor(cursor, UUID)
        views = await links.list(actor.user_id, after=ShareLinkId(after) if after else None, limit=limit + 1)
        return page_of(request, [documents.of(view) for view in views], limit=limit, position=lambda link: link.id)

    @get(
        "/{link_id:uuid}",
        operation_id="GetShareLink",
        guards=[holding(Scope.SHARES_READ)],
        response_headers=[ETAG],
        responses={304: UNCHANGED, **_ONE},
    )
    @inject
    async def get_one(
        self,
        request: AnyRequest,
        link_id: _Id,
        actor: FromDishka[Actor],
        links: FromDishka[ShareLinkQueries],
        documents: FromDishka[ShareLinkDocuments],
    ) -> Response[ShareLink]:
        """With its token, which is told to its owner alone."""
        view = await links.get(ShareLinkId(link_id), owner=actor.user_id)
        headers = {"ETag": etag(view.version)}
        if is_unchanged(request, view.version):
            return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
        return Response(documents.of(view), headers=headers)

    @patch(
        "/{link_id:uuid}",
        operation_id="EditShareLink",
        guards=[holding(Scope.SHARES_WRITE)],
        response_headers=[ETAG],
        responses={**_ONE, **refusals(PreconditionFailed, ShareLinkInvalid, ConcurrentUpdate)},
    )
    @inject
    async def edit(
        self,
        request: AnyRequest,
        link_id: _Id,
        data: JSONBody[EditShareLinkRequest],
        actor: FromDishka[Actor],
        edit_share_link: FromDishka[EditShareLink],
        links: FromDishka[ShareLinkQueries],
        documents: FromDishka[ShareLinkDocuments],
    ) -> Response[ShareLink]:
        """A JSON merge patch. Where less is allowed than before, URLs and unlocks that were given out end within 60 s."""
        await edit_share_link(
            actor=actor.user_id,
            link_id=ShareLinkId(link_id),
            edit=edit_of(data),
            password=password_of(data),
            expected_version=expected_version(request),
        )
        view = await links.get(ShareLinkId(link_id), owner=actor.user_id)
        return Response(documents.of(view), headers={"ETag": etag(view.version)})

    @delete(
        "/{link_id:uuid}",
        operation_id="DeleteShareLink",
        guards=[holding(Scope.SHARES_WRITE)],
        responses={**_ONE, **refusals(PreconditionFailed, ConcurrentUpdate)},
    )
    @inject
    async def remove(
        self,
        request: AnyRequest,
        link_id: _Id,
        actor: FromDishka[Actor],
        delete_share_link: FromDishka[DeleteShareLink],
    ) -> None:
        """Nobody gets in any more; URLs that were given out end within 60 s."""
        await delete_share_link(
            actor=actor.user_id, link_id=ShareLinkId(link_id), expected_version=expected_version(request)
        )

    @get(
        "/{link_id:uuid}/stats",
        operation_id="GetShareStatistics",
        guards=[holding(Scope.SHARES_READ)],
        responses={**_ONE, **refusals(BadParameter)},
    )
    @inject
    async def stats(
        self,
        link_id: _Id,
        actor: FromDishka[Actor],
        links: FromDishka[ShareLinkQueries],
        clock: FromDishka[Clock],
        first: _From = None,
        last: _To = None,
    ) -> ShareStatistics:
        """What happened through the link, day by day; at most 366 of them."""
        end = last or clock.now().date()
        begin = first or max(end, _EARLIEST) - timedelta(days=29)
        if not 0 <= (end - begin).days < _MOST_DAYS:
            errors = [FieldError("from", f"must be at most {_MOST_DAYS - 1} days before `to`, and not after it")]
            raise BadParameter("The days make no such range.", errors=errors)
        days = await links.days(ShareLinkId(link_id), owner=actor.user_id, first=begin, last=end)
        told = [
            ShareDay(
                day=each.day,
                views=each.views,
                visitors=each.visitors,
                downloads=each.downloads,
                uploads=each.uploads,
            )
            for each in days
        ]
        return ShareStatistics(items=told)

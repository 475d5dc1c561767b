"""`/share-links/{id}/submissions`: what guests sent, and what becomes of it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import PathParameter, QueryParameter
from msgspec import Struct

from photostore.album.errors import AlbumNotFound
from photostore.share_link.errors import ShareLinkNotFound
from photostore.share_link.queries import ShareLinkQueries
from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import ShareLinkId, SubmissionId
from photostore.shared.media import MediaUrls
from photostore.submission.commands.approve_submission import ApproveSubmission
from photostore.submission.commands.reject_submission import RejectSubmission
from photostore.submission.errors import SubmissionDecided, SubmissionNotFound, SubmittedPhotoTrashed
from photostore.submission.queries import SubmissionQueries, SubmissionView
from photostore.submission.submission import SubmissionState
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
    page_of,
)
from photostore_http.photo_responses import Photo, photo_of
from photostore_http.problem_specs import refusals
from photostore_http.routing import get, post

_Id = Annotated[UUID, PathParameter(description="The link's id.")]
_Told = Annotated[UUID, PathParameter(description="The submission's id, or the photo's.")]
_State = Annotated[SubmissionState | None, QueryParameter(name="state", description="Those in this state alone.")]
_DECIDES = (
    InvalidToken,
    InsufficientScope,
    SubmissionNotFound,
    AlbumNotFound,
    SubmissionDecided,
    SubmittedPhotoTrashed,
    ConcurrentUpdate,
)


class Submission(Struct, frozen=True, kw_only=True):
    """What a guest sent. `photo` is the owner's photo of these bytes, which can be older than the submission."""

    id: UUID
    share_link_id: UUID
    album_id: UUID
    guest_name: str | None
    state: Literal["pending", "approved", "rejected"]
    photo: Photo
    created_at: datetime


class SubmissionController(Controller):
    path = "/share-links/{link_id:uuid}/submissions"
    tags = ("shares",)

    @get(
        operation_id="ListSubmissions",
        guards=[holding(Scope.SHARES_READ)],
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, ShareLinkNotFound, BadCursor, BadParameter),
    )
    @inject
    async def list_submissions(
        self,
        request: Request[Any, Any, Any],
        link_id: _Id,
        actor: FromDishka[Actor],
        links: FromDishka[ShareLinkQueries],
        submissions: FromDishka[SubmissionQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
        in_state: _State = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[Submission]]:
        """All that was accepted through the link, newest first. They go with their photos."""
        position = decode_cursor(cursor, UUID)
        after = None if position is None else SubmissionId(position)
        link = await links.get(ShareLinkId(link_id), owner=actor.user_id)
        found = await submissions.list(
            ShareLinkId(link.id), owner=actor.user_id, state=in_state, after=after, limit=limit + 1
        )
        items = [_submission(view, urls, clock) for view in found]
        return page_of(request, items, limit=limit, position=lambda each: each.id)

    @post(
        "/{photo_id:uuid}/approve",
        operation_id="ApproveSubmission",
        status_code=200,
        guards=[holding(Scope.SHARES_WRITE)],
        responses=refusals(*_DECIDES),
    )
    @inject
    async def approve(
        self,
        link_id: _Id,
        photo_id: _Told,
        actor: FromDishka[Actor],
        approve: FromDishka[ApproveSubmission],
        submissions: FromDishka[SubmissionQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> Submission:
        """Put it into the album. Approved already is fine."""
        decided = await approve(actor=actor.user_id, link_id=ShareLinkId(link_id), told=photo_id)
        view = await submissions.find(decided, link_id=ShareLinkId(link_id), owner=actor.user_id)
        return _submission(view, urls, clock)

    @post(
        "/{photo_id:uuid}/reject",
        operation_id="RejectSubmission",
        status_code=200,
        guards=[holding(Scope.SHARES_WRITE)],
        responses=refusals(*_DECIDES),
    )
    @inject
    async def reject(
        self,
        link_id: _Id,
        photo_id: _Told,
        actor: FromDishka[Actor],
        reject: FromDishka[RejectSubmission],
        submissions: FromDishka[SubmissionQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> Submission:
        """Into the trash with it; a photo that the owner had before stays as it was. Rejected already is fine."""
        decided = await reject(actor=actor.user_id, link_id=ShareLinkId(link_id), told=photo_id)
        view = await submissions.find(decided, link_id=ShareLinkId(link_id), owner=actor.user_id)
        return _submission(view, urls, clock)


def _submission(view: SubmissionView, urls: MediaUrls, clock: Clock) -> Submission:
    return Submission(
        id=view.id,
        share_link_id=view.link_id,
        album_id=view.album_id,
        guest_name=view.guest_name,
        state=view.state,  # type: ignore[arg-type]
        photo=photo_of(view.photo, urls, urls.expiry(clock.now())),
        created_at=view.created_at,
    )

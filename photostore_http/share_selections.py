"""`/share-links/{id}/selection`: what guests chose, as the owner reads it."""

import csv
import io
import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import PathParameter, QueryParameter
from msgspec import Struct

from photostore.selection.commands.read_selection import ReadSelection
from photostore.selection.commands.reopen_selection import ReopenSelection
from photostore.selection.queries import MarkView, SelectionView
from photostore.share_link.errors import ShareLinkNotFound
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import ShareLinkId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.paging import BadParameter
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get

_Id = Annotated[UUID, PathParameter(description="The link's id.")]
_Format = Annotated[
    Literal["json", "csv"] | None, QueryParameter(name="format", description="In place of what `Accept` asks for.")
]
_ONE = (InvalidToken, InsufficientScope, ShareLinkNotFound)
# What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class SelectedPhoto(Struct, frozen=True, kw_only=True):
    photo_id: UUID
    filename: str
    favorite: bool
    comment: str | None


class ShareSelection(Struct, frozen=True, kw_only=True):
    """What guests chose of the photos that the link shows now. `submitted_at` is when it was sent."""

    submitted_at: datetime | None
    guest_name: str | None
    note: str | None
    items: list[SelectedPhoto]


class ShareSelectionController(Controller):
    path = "/share-links/{link_id:uuid}/selection"
    tags = ("shares",)

    @get(
        operation_id="GetShareSelection",
        guards=[holding(Scope.SHARES_READ)],
        responses=refusals(*_ONE, BadParameter),
    )
    @inject
    async def selection(
        self,
        request: Request[Any, Any, Any],
        link_id: _Id,
        actor: FromDishka[Actor],
        read_selection: FromDishka[ReadSelection],
        told_as: _Format = None,
    ) -> Response[ShareSelection]:
        """With `format=csv`, or `Accept: text/csv`, a table for spreadsheets (RFC 4180, UTF-8), in which what would be a
        formula stands behind an apostrophe."""
        view = await read_selection.of_link(ShareLinkId(link_id), owner=actor.user_id)
        headers = {"Vary": "Accept, Authorization"}
        if told_as == "csv" or (told_as is None and "text/csv" in request.headers.get("accept", "").lower()):
            headers["Content-Disposition"] = 'attachment; filename="selection.csv"'
            return Response(table_of(view.marks), media_type="text/csv", headers=headers)  # type: ignore[arg-type]
        return Response(_selection(view), headers=headers)

    @delete(
        operation_id="ReopenShareSelection",
        guards=[holding(Scope.SHARES_WRITE)],
        responses=refusals(*_ONE, ConcurrentUpdate),
    )
    @inject
    async def reopen(
        self, link_id: _Id, actor: FromDishka[Actor], reopen_selection: FromDishka[ReopenSelection]
    ) -> None:
        """Let guests go on choosing, from what they chose. Open already is fine."""
        await reopen_selection(actor=actor.user_id, link_id=ShareLinkId(link_id))


def _selection(view: SelectionView) -> ShareSelection:
    items = [
        SelectedPhoto(photo_id=each.photo_id, filename=each.filename, favorite=each.favorite, comment=each.comment)
        for each in view.marks
    ]
    return ShareSelection(submitted_at=view.submitted_at, guest_name=view.guest_name, note=view.note, items=items)


def table_of(marks: Any) -> bytes:
    """A row a photo, behind one of names."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("photo_id", "filename", "favorite", "comment"))
    writer.writerows(_row(mark) for mark in marks)
    return text.getvalue().encode()


def _row(mark: MarkView) -> tuple[str, ...]:
    return str(mark.photo_id), _plain(mark.filename), str(mark.favorite).lower(), _plain(mark.comment or "")


def _plain(cell: str) -> str:
    # Full-width forms are as good as the others where people write so; and what is not seen stands in nobody's way.
    read = unicodedata.normalize("NFKC", cell)
    seen = next((each for each in read if each in _FORMULA or unicodedata.category(each)[0] not in "CZ"), "")
    return f"'{cell}" if seen in _FORMULA else cell

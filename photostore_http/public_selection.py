"""`/public/{token}/selection`: what guests choose of a share's photos (proofing)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET, Struct, UnsetType

from photostore.photo.errors import PhotoNotFound
from photostore.selection.commands.mark_photo import MarkPhoto
from photostore.selection.commands.read_selection import ReadSelection
from photostore.selection.commands.submit_selection import SubmitSelection
from photostore.selection.errors import SelectionInvalid, SelectionSubmitted
from photostore.selection.queries import SelectionView
from photostore.share_link.errors import NotAllowedByShare, ShareLinkNotFound
from photostore.share_link.gate import Share
from photostore.shared.ids import PhotoId
from photostore.shared.unset import UNSET as LEFT
from photostore_http.problem_specs import refusals
from photostore_http.public import Token
from photostore_http.routing import delete, get, post, put
from photostore_http.share_gate import GATE, WRITES, entered, entered_to_write

_Id = Annotated[UUID, PathParameter(description="The photo's id, as the share tells it.")]
_CHANGES = (*WRITES, PhotoNotFound, ShareLinkNotFound, SelectionSubmitted)


class MarkPhotoRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON merge patch: what is absent stays, what is null goes. A comment has at most 2000 characters."""

    favorite: bool | None | UnsetType = UNSET
    comment: str | None | UnsetType = UNSET


class SubmitSelectionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sends it, and what they say with it."""

    guest_name: str | None = None
    note: str | None = None


class PublicMark(Struct, frozen=True, kw_only=True):
    """What was said of one photo."""

    photo_id: UUID
    favorite: bool
    comment: str | None


class PublicSelection(Struct, frozen=True, kw_only=True):
    """What was chosen, by whoever follows the link: there is one selection a link. `submitted_at` is when it was sent; from
    then on it stays as it is."""

    submitted_at: datetime | None
    guest_name: str | None
    note: str | None
    items: list[PublicMark]


class PublicSelectionController(Controller):
    path = "/public/{token:str}/selection"
    tags = ("shares",)
    security = [{}, {"share": []}]  # noqa: RUF012 - Litestar reads it so

    @get(
        operation_id="GetPublicSelection",
        guards=[entered],
        responses=refusals(*GATE, NotAllowedByShare),
    )
    @inject
    async def selection(
        self, token: Token, share: FromDishka[Share], read_selection: FromDishka[ReadSelection]
    ) -> PublicSelection:
        """Of the photos that the link shows now."""
        return public_selection(await read_selection.of_share(share))

    @put(
        "/{photo_id:uuid}",
        operation_id="MarkPublicPhoto",
        guards=[entered_to_write],
        responses=refusals(*_CHANGES, SelectionInvalid),
    )
    @inject
    async def mark(
        self,
        token: Token,
        photo_id: _Id,
        data: JSONBody[MarkPhotoRequest],
        share: FromDishka[Share],
        mark_photo: FromDishka[MarkPhoto],
    ) -> PublicMark:
        """Choose a photo, or say something about it. What is not said stays."""
        marked = await mark_photo(
            share=share,
            photo_id=PhotoId(photo_id),
            favorite=LEFT if isinstance(data.favorite, UnsetType) else bool(data.favorite),
            comment=LEFT if isinstance(data.comment, UnsetType) else data.comment,
        )
        return PublicMark(photo_id=photo_id, favorite=marked.favorite, comment=marked.comment)

    @delete(
        "/{photo_id:uuid}",
        operation_id="UnmarkPublicPhoto",
        guards=[entered_to_write],
        responses=refusals(*_CHANGES),
    )
    @inject
    async def unmark(
        self, token: Token, photo_id: _Id, share: FromDishka[Share], mark_photo: FromDishka[MarkPhoto]
    ) -> None:
        """Take back what was said of a photo. Nothing said is fine."""
        await mark_photo(share=share, photo_id=PhotoId(photo_id), favorite=False, comment=None)

    @post(
        "/submit",
        operation_id="SubmitPublicSelection",
        status_code=200,
        guards=[entered_to_write],
        responses=refusals(*WRITES, ShareLinkNotFound, SelectionSubmitted, SelectionInvalid),
    )
    @inject
    async def submit(
        self,
        token: Token,
        data: JSONBody[SubmitSelectionRequest],
        share: FromDishka[Share],
        submit_selection: FromDishka[SubmitSelection],
        read_selection: FromDishka[ReadSelection],
    ) -> PublicSelection:
        """Send it to the owner: once, unless they open it again."""
        await submit_selection(share=share, guest_name=data.guest_name, note=data.note)
        return public_selection(await read_selection.of_share(share))


def public_selection(view: SelectionView) -> PublicSelection:
    marks = [PublicMark(photo_id=each.shown_id, favorite=each.favorite, comment=each.comment) for each in view.marks]
    return PublicSelection(submitted_at=view.submitted_at, guest_name=view.guest_name, note=view.note, items=marks)

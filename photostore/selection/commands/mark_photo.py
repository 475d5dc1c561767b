"""Choose a photo of a share, or say something about it."""

from dataclasses import dataclass

from photostore.selection.ports import SelectionRepository
from photostore.selection.selection import Mark
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.gate import Share
from photostore.shared.ids import PhotoId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.unset import UNSET, Unset


@dataclass(frozen=True, slots=True)
class MarkPhoto:
    """What is not said stays. A photo of which nothing is said any more leaves the selection.

    Raise `NotAllowedByShare`, `PhotoNotFound`, `SelectionSubmitted` or `SelectionInvalid`.
    """

    selections: SelectionRepository
    read_share: ReadShare
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        share: Share,
        photo_id: PhotoId,
        favorite: bool | Unset = UNSET,
        comment: str | None | Unset = UNSET,
    ) -> Mark:
        share.demand_selection()
        photo = PhotoId((await self.read_share.photo(share, photo_id)).id)
        async with self.unit_of_work:
            selection = await self.selections.hold(share.link.id, owner=share.link.owner_id)
            selection.demand_open()
            mark = (await self.selections.mark(selection, photo)).changed(favorite=favorite, comment=comment)
            await self.selections.put(selection, photo, None if mark == Mark() else mark)
        return mark

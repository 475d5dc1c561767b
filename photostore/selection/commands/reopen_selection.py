"""Let guests go on choosing."""

from dataclasses import dataclass

from photostore.selection.ports import SelectionRepository
from photostore.shared.ids import ShareLinkId, UserId
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReopenSelection:
    """What was chosen stays. Raise `ShareLinkNotFound`."""

    selections: SelectionRepository
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, link_id: ShareLinkId) -> None:
        async with self.unit_of_work:
            selection = await self.selections.hold(link_id, owner=actor)
            selection.reopen()
            await self.selections.save(selection)

"""Send the owner what was chosen, once."""

from dataclasses import dataclass

from photostore.selection.ports import SelectionRepository
from photostore.share_link.gate import Share
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SubmitSelection:
    """Raise `NotAllowedByShare`, `SelectionSubmitted` or `SelectionInvalid`."""

    selections: SelectionRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, share: Share, guest_name: str | None, note: str | None) -> None:
        share.demand_selection()
        async with self.unit_of_work.answering():
            selection = await self.selections.hold(share.link.id, owner=share.link.owner_id)
            selection.submit(guest_name=guest_name, note=note, now=self.clock.now())
            await self.selections.save(selection)

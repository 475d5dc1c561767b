"""Look at a share: this is what counts as a view."""

from dataclasses import dataclass

from photostore.share_link.errors import ShareLinkNotFound, ShareViewsUsedUp
from photostore.share_link.gate import Share
from photostore.share_link.ports import ShareCounter, ShareLinkRepository, Visitor
from photostore.share_link.queries import SharedLink
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ViewShare:
    """Raise `ShareViewsUsedUp` for one view too many: from then on the link opens for nobody, and its URLs end."""

    counter: ShareCounter
    links: ShareLinkRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, share: Share, *, visitor: Visitor) -> None:
        try:
            await self.counter.view(share.link, visitor, now=self.clock.now())
        except ShareViewsUsedUp:
            await self._use_up(share.link)
            raise

    async def _use_up(self, shared: SharedLink) -> None:
        async with self.unit_of_work:
            try:
                link = await self.links.get(shared.id, owner=shared.owner_id)
            except ShareLinkNotFound:
                return  # deleted meanwhile
            if link.use_up(now=self.clock.now()):
                await self.links.save(link)

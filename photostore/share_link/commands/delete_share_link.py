"""Take a share link away."""

from dataclasses import dataclass

from photostore.share_link.ports import ShareLinkRepository
from photostore.shared.clock import Clock
from photostore.shared.ids import ShareLinkId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion


@dataclass(frozen=True, slots=True)
class DeleteShareLink:
    """Its URLs end with it. Raise `ShareLinkNotFound`, or `PreconditionFailed` when `expected_version` is stale."""

    links: ShareLinkRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, link_id: ShareLinkId, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        async with self.unit_of_work:
            link = await self.links.get(link_id, owner=actor)
            expected_version.demand(link.version)
            link.end_urls(now=self.clock.now())
            await self.links.remove(link)

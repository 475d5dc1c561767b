"""Look whether counters, links and the feed agree with what they are made from."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from photostore.check.batch import Batch
from photostore.check.finding import Finding, Kind
from photostore.check.ports import RowAudit
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork

PAGE = 100
OF_OWNERS = (
    Kind.QUOTA_DRIFT,
    Kind.IMAGES_BYTES,
    Kind.HASHTAG_LINKS,
    Kind.OWNER_HASHTAG_COUNT,
    Kind.ALBUM_COUNT,
    Kind.ALBUM_PHOTO_GONE,
    Kind.ALBUM_PHOTO_VISIBILITY,
    Kind.ALBUM_PHOTO_DATE,
    Kind.FINGERPRINT_TRASHED,
    Kind.PHOTO_STUCK,
    Kind.UPLOAD_OVERDUE,
    Kind.FEED_GAP,
)


@dataclass(frozen=True, slots=True)
class AuditRows:
    """Owners by the hundred, one statement for each kind of finding."""

    audit: RowAudit
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, owner: UserId | None, after: str | None) -> AsyncIterator[Batch]:
        """`after` is the place of an earlier batch."""
        if owner is not None:
            yield Batch(findings=await self._of([owner]), place=str(owner))
            return
        last = UserId(UUID(after)) if after else None
        while owners := await self._owners(last):
            last = owners[-1]
            yield Batch(findings=await self._of(owners), place=str(last))

    async def of_nobody(self) -> Batch:
        """The counts of hashtags, which are everybody's."""
        async with self.unit_of_work:
            found = await self.audit.findings(Kind.HASHTAG_COUNT, (), now=self.clock.now())
        return Batch(findings=found, place="all")

    async def _owners(self, last: UserId | None) -> list[UserId]:
        async with self.unit_of_work:
            return list(await self.audit.owners(after=last, limit=PAGE))

    async def _of(self, owners: list[UserId]) -> list[Finding]:
        found = list[Finding]()
        for kind in OF_OWNERS:
            async with self.unit_of_work:
                found += await self.audit.findings(kind, owners, now=self.clock.now())
        return found

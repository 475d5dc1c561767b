"""Choose the photos of a share for an archive."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.archive.queries import ArchivedPhoto, ArchiveLimits, ArchiveQueries
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.gate import Share
from photostore.shared.ids import PhotoId

_PAGE = 2000


@dataclass(frozen=True, slots=True)
class ChooseSharedPhotos:
    """All that a share shows, in its order. Raise `NotAllowedByShare` where it gives no originals away, and
    `ArchiveTooLarge` where there are more than an archive holds."""

    archived: ArchiveQueries
    read_share: ReadShare
    limits: ArchiveLimits

    async def __call__(self, share: Share) -> Sequence[ArchivedPhoto]:
        share.demand_download()
        link = share.link
        if link.album_id is not None and link.album_query is None:
            at_most = self.limits.max_photos + 1
            found = await self.archived.of_shared_album(link.album_id, owner=link.owner_id, limit=at_most)
            self.limits.demand(len(found))
            return found
        return await self.archived.chosen(await self._shown(share), owner=link.owner_id)

    async def _shown(self, share: Share) -> Sequence[PhotoId]:
        ids, after = list[PhotoId](), None
        while True:
            page = await self.read_share.page(share, after=after, limit=_PAGE)
            ids += [PhotoId(each.id) for each in page.items]
            self.limits.demand(len(ids))
            if page.next is None:
                return ids
            after = page.next

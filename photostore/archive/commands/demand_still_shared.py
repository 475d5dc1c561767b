"""Ask whether an archive of a share may still be given."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.archive.commands.choose_shared_photos import ChooseSharedPhotos
from photostore.archive.queries import ArchivedPhoto, demand_all_there
from photostore.share_link.commands.stay_in_share import StayInShare
from photostore.share_link.gate import Share


@dataclass(frozen=True, slots=True)
class DemandStillShared:
    """Raise as `StayInShare`, and `PhotosNotArchivable` as soon as one of the photos is not shown any more."""

    stay: StayInShare
    choose: ChooseSharedPhotos

    async def __call__(self, *, token: str, begun: Share, photos: Sequence[ArchivedPhoto]) -> None:
        share = await self.stay(token=token, begun=begun)
        demand_all_there(photos, await self.choose(share))

"""How photos go for good, whatever the reason."""

from collections.abc import Sequence
from datetime import datetime

from photostore.photo.photo import Photo
from photostore.photo.ports import PhotoRepository
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas


async def delete_for_good(
    photos: Sequence[Photo], repository: PhotoRepository, quotas: Quotas, *, now: datetime
) -> None:
    """Within the unit of work, of any owners. Raise `ConcurrentUpdate`."""
    for photo in photos:
        photo.delete(now=now)
    await repository.remove(photos)
    # Owners in one order, so that two who delete never wait for each other in a circle.
    for owner in sorted({photo.owner_id for photo in photos}):
        own = [photo.figures for photo in photos if photo.owner_id == owner]
        await quotas.adjust(owner, -sum(own, Figures()))

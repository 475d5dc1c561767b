"""Show through what a photo can be reached."""

from dataclasses import dataclass

from photostore.photo.queries import PhotoQueries
from photostore.share_link.exposure import Exposure, ExposureQueries
from photostore.share_link.finding import is_found
from photostore.shared.clock import Clock
from photostore.shared.ids import AlbumId, PhotoId, UserId


@dataclass(frozen=True, slots=True)
class ShowExposure:
    """Raise `PhotoNotFound`. What is in the trash is reached by API keys alone."""

    photos: PhotoQueries
    exposure: ExposureQueries
    clock: Clock

    async def __call__(self, *, actor: UserId, photo_id: PhotoId) -> Exposure:
        photo, now = await self.photos.get(photo_id, owner=actor), self.clock.now()
        if photo.trashed_at is not None:
            return Exposure(api_keys=await self.exposure.keys(actor, in_album=False, now=now))
        albums = [*await self.exposure.albums(photo_id, owner=actor), *await self._finding(actor, photo_id)]
        return Exposure(
            links=await self.exposure.links(photo_id, albums, owner=actor, now=now),
            members=await self.exposure.members(albums, owner=actor),
            api_keys=await self.exposure.keys(actor, in_album=bool(albums), now=now),
        )

    async def _finding(self, owner: UserId, photo_id: PhotoId) -> list[AlbumId]:
        found = await self.exposure.finding(owner)
        return [AlbumId(album.id) for album in found if await is_found(self.photos, owner, album.query, photo_id)]

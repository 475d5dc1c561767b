"""What follows from what photos recorded: hashtags, fingerprints, albums, then jobs and URLs; in the transaction that saves
them."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.photo.events import PhotoCreated, PhotoDecoded, PhotoDecodingFailed, PhotoDeleted, PhotoRetagged
from photostore.photo.photo import Photo
from photostore_adapters.postgres.album_finding import follow_finding
from photostore_adapters.postgres.album_upkeep import follow_photos
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.photo_hashtags import apply_retagging

_END_DECODING = text("UPDATE photos SET decode_attempts = 0 WHERE owner_id = :owner AND id = :photo")
_KEEP_FINGERPRINT = text("""
    INSERT INTO photo_fingerprints (owner_id, photo_id, pixels, perceptual, trashed)
    SELECT owner_id, id, :pixels, :perceptual, trashed_at IS NOT NULL FROM photos WHERE owner_id = :owner AND id = :photo
    ON CONFLICT (owner_id, photo_id) DO UPDATE SET pixels = excluded.pixels, perceptual = excluded.perceptual
""")


async def follow(session: AsyncSession, outbox: Outbox, *photos: Photo) -> None:
    """Take the events of these; where they were retagged, they are photos of one owner."""
    events = [event for photo in photos for event in photo.take_events()]
    # Nobody has read what is new.
    new = {event.photo_id for event in events if isinstance(event, PhotoCreated)}
    gone = {event.photo_id for event in events if isinstance(event, PhotoDeleted)}
    outbox.touch({each.id: None if each.id in gone else each.version for each in photos if each.id not in new})
    made = await apply_retagging(session, [event for event in events if isinstance(event, PhotoRetagged)])
    decoded = [event for event in events if isinstance(event, PhotoDecoded | PhotoDecodingFailed)]
    await _follow_decoding(session, decoded)
    changed = await follow_photos(session, events)
    found = await follow_finding(session, photos, events)
    await outbox.publish([*made, *events, *changed, *found])


async def _follow_decoding(session: AsyncSession, events: Sequence[PhotoDecoded | PhotoDecodingFailed]) -> None:
    for event in events:
        of_photo: dict[str, object] = {"owner": event.owner_id, "photo": event.photo_id}
        await session.execute(_END_DECODING, of_photo)
        if isinstance(event, PhotoDecoded):
            told = event.fingerprint
            hashes = {"pixels": told.pixels, "perceptual": signed(told.perceptual)}
            await session.execute(_KEEP_FINGERPRINT, of_photo | hashes)


def signed(perceptual: int) -> int:
    """64 bits as Postgres' bigint has them."""
    return perceptual - (1 << 64) if perceptual >= 1 << 63 else perceptual

"""What becomes of photos in albums when the photos change, in memory."""

from collections.abc import Sequence

from photostore.album.events import AlbumChanged, QueryFoundPhoto, QueryLostPhoto
from photostore.album.finding import FindingQuery, found_anew
from photostore.photo.events import PhotoDeleted, PhotoFoundOtherwise, PhotoRestored, PhotoTrashed
from photostore.photo.photo import Photo
from photostore.shared.aggregate import Event
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore


async def follow_photos(store: FakeStore, unit_of_work: FakeUnitOfWork, events: Sequence[Event]) -> list[AlbumChanged]:
    """Visible is what is not in the trash: that is looked up when it is asked for, and only counted here."""
    told: list[AlbumChanged] = []
    for event in events:
        if not isinstance(event, PhotoTrashed | PhotoRestored | PhotoDeleted):
            continue
        photo_id = event.photo_id
        for place in unit_of_work.where(store.album_photos, lambda row: row.photo_id == photo_id):  # noqa: B023
            await unit_of_work.lock((store.albums, place.album_id))
            album = unit_of_work.find(store.albums, place.album_id)
            photo = unit_of_work.find(store.photos, photo_id)
            assert album is not None, "an album goes with all that was in it"
            was_shown = photo is not None and photo.trashed_at is None
            change = 1 if isinstance(event, PhotoRestored) else -1
            if isinstance(event, PhotoDeleted):
                unit_of_work.delete(store.album_photos, (place.album_id, photo_id))
                change = -1 if was_shown else 0
            if change:
                album.photo_count += change
                album.version += 1
                unit_of_work.put(store.albums, album.id, album)
                told.append(AlbumChanged(at=event.at, album_id=album.id, people=album.people))
    return told


async def follow_finding(
    store: FakeStore, unit_of_work: FakeUnitOfWork, photo: Photo, events: Sequence[Event]
) -> list[QueryFoundPhoto | QueryLostPhoto]:
    changed = [event.at for event in events if isinstance(event, PhotoFoundOtherwise)]
    if not changed:
        return []
    own = unit_of_work.where(store.albums, lambda row: row.owner_id == photo.owner_id and row.query is not None)
    await unit_of_work.lock(*((store.albums, album_id) for album_id in sorted(album.id for album in own)))
    fresh = [unit_of_work.find(store.albums, album.id) for album in own]
    queries = [
        FindingQuery(
            album_id=album.id, number=album.queries, query=album.query, says_text=says(photo, album.query.text)
        )
        for album in fresh
        if album is not None and album.query is not None
    ]
    return found_anew(photo, queries, now=changed[-1])


def says(photo: Photo, text: str | None) -> bool:
    """In any case of its letters."""
    texts = (photo.title or "", photo.description or "", photo.filename)
    return any((text or "").lower() in each.lower() for each in texts)

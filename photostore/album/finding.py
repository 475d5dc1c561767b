"""What a changed photo is to the albums of its owner that find their photos by a query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from photostore.album.events import QueryFoundPhoto, QueryLostPhoto
from photostore.photo.matching import passes
from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoFilter
from photostore.shared.ids import AlbumId


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingQuery:
    """An album's query as it is now, and its number. `says_text` is whether the photo in question says its text."""

    album_id: AlbumId
    number: int
    query: PhotoFilter
    says_text: bool


def found_anew(
    photo: Photo, queries: Sequence[FindingQuery], *, now: datetime
) -> list[QueryFoundPhoto | QueryLostPhoto]:
    """For each query whether it finds the photo. In the trash as well: what is restored may not match any more."""
    told = list[QueryFoundPhoto | QueryLostPhoto]()
    for each in queries:
        finds = passes(photo, each.query, says_text=each.says_text)
        event = QueryFoundPhoto if finds else QueryLostPhoto
        told.append(event(at=now, album_id=each.album_id, number=each.number, blob_key=photo.blob_key))
    return told

"""What changed photos are to albums that find theirs by a query: in the same transaction."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from photostore.album.events import QueryFoundPhoto, QueryLostPhoto
from photostore.album.finding import FindingQuery, found_anew
from photostore.photo.events import PhotoFoundOtherwise
from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoFilter
from photostore.shared.aggregate import Event
from photostore.shared.ids import AlbumId
from photostore_adapters.postgres.album_rows import query_of
from photostore_adapters.postgres.reading import Statement
from photostore_adapters.postgres.writing import run

# Locked, so that whoever changes a query meanwhile has it find the photos as they are after this transaction. Whether a
# photo says the text is asked as its pages ask it, of the same database with its own idea of letters.
_QUERIES = Statement(
    r"""
    SELECT albums.id, queries, query,
        title ILIKE pattern OR photos.description ILIKE pattern OR filename ILIKE pattern AS says_text
    FROM albums
    JOIN photos ON photos.owner_id = albums.owner_id AND photos.id = $2
    CROSS JOIN LATERAL (SELECT '%' || regexp_replace(query ->> 'q', '([\\%_])', '\\\1', 'g') || '%' AS pattern) AS told
    WHERE albums.owner_id = $1 AND query IS NOT NULL
    ORDER BY albums.id FOR SHARE OF albums
    """,
    ("owner", "photo"),
)


async def follow_finding(
    session: AsyncSession, photos: Sequence[Photo], events: Sequence[Event]
) -> list[QueryFoundPhoto | QueryLostPhoto]:
    """`photos` recorded `events`, and are saved. Most change nothing that a query looks at: then nothing is asked."""
    changed = {event.photo_id: event.at for event in events if isinstance(event, PhotoFoundOtherwise)}
    told = list[QueryFoundPhoto | QueryLostPhoto]()
    for photo in photos:
        if photo.id in changed:
            rows = await run(session, _QUERIES, owner=photo.owner_id, photo=photo.id)
            queries = [
                FindingQuery(
                    album_id=AlbumId(row["id"]),
                    number=row["queries"],
                    query=query_of(row["query"]) or PhotoFilter(),
                    says_text=bool(row["says_text"]),
                )
                for row in rows
            ]
            told += found_anew(photo, queries, now=changed[photo.id])
    return told

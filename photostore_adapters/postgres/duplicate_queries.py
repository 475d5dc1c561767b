"""Photos that show the same picture. A library's groups are found in memory, the neighbours of one photo by indexes."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from photostore.photo.duplicates import (
    PHOTOS_TOLD,
    TELLING_BITS,
    DuplicateGroup,
    DuplicateKind,
    DuplicatePage,
    DuplicateQueries,
    DuplicateView,
    FoundGroup,
    is_flat,
)
from photostore.photo.errors import PhotoNotFound
from photostore.photo.queries import PhotoView
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.duplicate_groupings import DuplicateGroupings, Groups, Stamp
from photostore_adapters.postgres.reading import Reader, Statement

_COLUMNS = ", ".join(f"photos.{field.name}" for field in fields(PhotoView))
_BANDS = range(4)
_BAND_BITS = 16

# One value, however large the library: a hundred thousand rows would keep the driver busy while others wait.
_LIBRARY = Statement(
    """
    SELECT string_agg(uuid_send(photo_id) || substr(pixels, 1, 8) || int8send(perceptual), '' ORDER BY photo_id)
    FROM photo_fingerprints WHERE owner_id = $1 AND NOT trashed
    """,
    ("owner",),
)
# Changes with every fingerprint that comes, goes or is written again. It takes the database as long as reading them all, a
# small part of comparing them, but leaves the loop and the memory of this process alone.
_STAMP = Statement(
    """
    SELECT count(*), bit_xor(hash_record_extended(ROW(photo_id, xmin), 0))
    FROM photo_fingerprints WHERE owner_id = $1
    """,
    ("owner",),
)
_PHOTOS = Statement(
    f"SELECT {_COLUMNS} FROM photos WHERE owner_id = $1 AND id = ANY($2::uuid[])",  # noqa: S608 - names of columns
    ("owner", "photo_ids"),
)
_FINGERPRINT = Statement(
    """
    SELECT pixels, perceptual FROM photos
    LEFT JOIN photo_fingerprints AS told ON told.owner_id = photos.owner_id AND told.photo_id = photos.id
    WHERE photos.owner_id = $1 AND photos.id = $2
    """,
    ("owner", "photo_id"),
)


def _neighbours() -> Statement:
    """Each band is looked up in its own index, as the schema writes it; what they find is compared by the whole hash."""
    names = ["owner", "photo_id", "pixels", "perceptual", "distance", *(f"band_{band}" for band in _BANDS)]
    shifted = ["perceptual", *(f"(perceptual >> {band * _BAND_BITS})" for band in _BANDS[1:])]
    indexed = " OR ".join(f"({bits} & 65535) = ANY(${6 + band}::bigint[])" for band, bits in enumerate(shifted))
    apart = "bit_count((perceptual # $4)::bit(64))"
    telling = f"bit_count(perceptual::bit(64)) BETWEEN {TELLING_BITS} AND {64 - TELLING_BITS}"
    sql = f"""
        WITH near AS (
            SELECT photo_id, CASE WHEN pixels = $3 THEN 0 ELSE {apart} END AS distance, pixels = $3 AS same_pixels
            FROM photo_fingerprints
            WHERE owner_id = $1 AND NOT trashed AND (pixels = $3 OR {indexed})
                AND photo_id <> $2 AND (pixels = $3 OR ({apart} <= $5 AND {telling}))
            ORDER BY distance, photo_id LIMIT {PHOTOS_TOLD}
        )
        SELECT near.distance, near.same_pixels, {_COLUMNS}
        FROM near JOIN photos ON photos.owner_id = $1 AND photos.id = near.photo_id
        ORDER BY near.distance, near.photo_id
    """  # noqa: S608 - names of columns
    return Statement(sql, tuple(names))


_NEIGHBOURS = _neighbours()


class PostgresDuplicateQueries(DuplicateQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._groupings = DuplicateGroupings(self._grouped)

    async def groups(self, owner: UserId, *, distance: int, after: PhotoId | None, limit: int) -> DuplicatePage:
        stamp = Stamp(*await self._reader.fetch_one(_STAMP, owner=owner))
        library = await self._groupings.of(owner, distance, stamp)
        found, more = await asyncio.to_thread(library.page, after=after, limit=limit)
        photo_ids = [each.photo_id for group in found for each in group.photos]
        rows = await self._reader.fetch(_PHOTOS, owner=owner, photo_ids=photo_ids) if photo_ids else []
        views = {row["id"]: PhotoView(*row) for row in rows}
        groups = [group for each in found if (group := _group(each, views))]
        return DuplicatePage(groups, PhotoId(found[-1].photos[0].photo_id) if more else None)

    async def _grouped(self, owner: UserId, distance: int) -> Groups:
        packed = (await self._reader.fetch_one(_LIBRARY, owner=owner))[0] or b""
        return await asyncio.to_thread(_group_library, packed, distance)

    async def of_photo(self, photo_id: PhotoId, *, owner: UserId, distance: int) -> Sequence[DuplicateView]:
        told = await self._reader.fetch_one(_FINGERPRINT, owner=owner, photo_id=photo_id)
        if told is None:
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        pixels, perceptual = told
        if pixels is None:
            return []
        bands = {f"band_{band}": _near_values(perceptual, band, distance) for band in _BANDS}
        here = {"owner": owner, "photo_id": photo_id, "pixels": pixels, "perceptual": perceptual, "distance": distance}
        rows = await self._reader.fetch(_NEIGHBOURS, **here, **bands)
        return [DuplicateView(PhotoView(*row[2:]), row[0], row[1]) for row in rows]


def _group_library(packed: bytes, distance: int) -> Groups:
    # In this thread, and only when it is wanted: numpy takes time to import, and memory.
    from photostore_adapters.postgres.duplicate_index import GroupedLibrary  # noqa: PLC0415

    return GroupedLibrary(packed, distance)


def _group(found: FoundGroup, views: dict[UUID, PhotoView]) -> DuplicateGroup | None:
    """Some of the photos may have gone since; without its first, or with it alone, there is no such group any more."""
    photos = [
        DuplicateView(views[each.photo_id], each.distance, each.same_pixels)
        for each in found.photos
        if each.photo_id in views
    ]
    if len(photos) < 2 or found.photos[0].photo_id not in views:
        return None
    kind = DuplicateKind.SAME_PIXELS if found.same_pixels else DuplicateKind.NEAR
    gone = len(found.photos) - len(photos)
    return DuplicateGroup(kind, found.distance, found.photo_count - gone, photos)


def _near_values(perceptual: int, band: int, distance: int) -> list[int]:
    """What a hash within `distance` may have in this band.

    Were it further off than this in each of the four, the whole would be more than `distance` away: for up to four bits,
    say, one at most in the first band, or none in one of the others.
    """
    if is_flat(perceptual):
        return []
    each, left = divmod(distance, len(_BANDS))
    radius = each if band <= left else each - 1
    value = (perceptual >> band * _BAND_BITS) & 0xFFFF
    flipped = [value ^ (1 << bit) for bit in range(_BAND_BITS)] if radius == 1 else []
    return [value, *flipped] if radius >= 0 else []

"""Whether one photo passes a filter, within a transaction."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.photo.queries import PhotoFilter
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.photos import PhotoRow


async def photo_passes(session: AsyncSession, photo_id: PhotoId, filter: PhotoFilter, *, owner: UserId) -> bool:
    """Never one in the trash."""
    of_owner = (PhotoRow.owner_id == owner, PhotoRow.id == photo_id, PhotoRow.trashed_at.is_(None))
    found = await session.execute(select(PhotoRow.id).where(*of_owner, *_conditions(filter)))
    return found.one_or_none() is not None


def _conditions(filter: PhotoFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filter.hashtags:
        conditions.append(PhotoRow.hashtags.contains(list(filter.hashtags)))
    if filter.text is not None:
        columns = (PhotoRow.title, PhotoRow.description, PhotoRow.filename)
        conditions.append(or_(*(column.icontains(filter.text, autoescape=True) for column in columns)))
    if filter.favorite is not None:
        conditions.append(PhotoRow.favorite == filter.favorite)
    if filter.taken_from is not None:
        conditions.append(PhotoRow.taken_at >= filter.taken_from)
    if filter.taken_before is not None:
        conditions.append(PhotoRow.taken_at < filter.taken_before)
    if filter.status is not None:
        conditions.append(PhotoRow.status == filter.status.value)
    return conditions

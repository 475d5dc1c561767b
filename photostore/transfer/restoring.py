"""What is still to be said of a photo, so that it is as it is told: nothing that people said here is taken away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from photostore.hashtag.name import hashtag_names_in
from photostore.photo.details import HASHTAGS_LIMIT, merge_patch
from photostore.photo.photo import PhotoEdit, PhotoStatus
from photostore.photo.queries import PhotoView
from photostore.transfer.told import Told

# A camera's clock without an offset is less than this off the moment that it stands for.
_ANY_OFFSET = timedelta(hours=24)


def missing_of(photo: PhotoView, told: Told, *, new: bool) -> list[PhotoEdit]:
    """Edits, in order, none of them empty. Of a photo that was there before (not `new`) only what is not said of it yet."""
    edit = PhotoEdit()
    if photo.title is None and told.title is not None:
        edit = replace(edit, title=told.title)
    if photo.description is None and told.description is not None:
        edit = replace(edit, description=told.description)
    if told.favorite and not photo.favorite:
        edit = replace(edit, favorite=True)
    edit = _hashtags(edit, photo, told)
    # Told under the values that there are: as a patch, those that are there stay.
    custom = merge_patch(told.custom, photo.custom)
    if custom != photo.custom and isinstance(custom, dict):
        edit = replace(edit, custom=custom)
    dated = _dated(photo, told) if new or (photo.taken_at is None and told.taken_at is not None) else []
    if dated:
        *before, last = dated
        return [*before, replace(edit, taken_at=last.taken_at)]
    return [] if edit.is_empty else [edit]


def _hashtags(edit: PhotoEdit, photo: PhotoView, told: Told) -> PhotoEdit:
    missing = [word for word in hashtag_names_in(told.hashtags) if word not in photo.hashtags]
    wanted = [*photo.hashtags, *missing][:HASHTAGS_LIMIT]
    return edit if len(wanted) == len(photo.hashtags) else replace(edit, hashtags=wanted)


def _dated(photo: PhotoView, told: Told) -> list[PhotoEdit]:
    """Edits of the time alone."""
    if not told.exact:
        near = told.taken_at and photo.taken_at and abs(told.taken_at - photo.taken_at) < _ANY_OFFSET
        return [] if told.taken_at is None or near else [PhotoEdit(taken_at=_written(told))]
    if (photo.taken_at, photo.taken_at_offset_minutes) == (told.taken_at, told.taken_at_offset_minutes):
        return []
    if told.taken_at is None:
        return [PhotoEdit(taken_at=None)]
    if told.taken_at_offset_minutes is None and photo.taken_at_offset_minutes is not None:
        # The offset that the picture tells was taken back with the time.
        return [PhotoEdit(taken_at=None), PhotoEdit(taken_at=_written(told))]
    if told.taken_at_offset_minutes == 0 and photo.taken_at is None and photo.status == PhotoStatus.PROCESSING:
        return []  # nobody can say "+00:00": its metadata do, and tell it when it is decoded
    return [PhotoEdit(taken_at=_written(told))]


def _written(told: Told) -> datetime:
    """As clients write it: with its offset, where that is known and not zero."""
    assert told.taken_at is not None, "asked before"
    if not told.taken_at_offset_minutes:
        return told.taken_at.astimezone(UTC)
    return told.taken_at.astimezone(timezone(timedelta(minutes=told.taken_at_offset_minutes)))


def is_all_said(told: Told) -> bool:
    """Whether what an upload itself can say is all that there is to say of a new photo."""
    return not (told.exact or told.favorite or told.custom or told.taken_at is not None)

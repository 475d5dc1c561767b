"""Whether a photo passes a filter."""

from datetime import datetime

from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoFilter


def passes(photo: Photo, filter: PhotoFilter, *, says_text: bool) -> bool:
    """As pages of photos have it, but for the trash and for albums: those are not the photo's to tell.

    `says_text` is whether the photo says `filter.text`; it counts where there is one. Which letters are the same is for
    whoever searches to say, as databases differ in it: an opinion of its own here would differ from the pages.
    """
    return (
        set(filter.hashtags) <= set(photo.hashtags)
        and (filter.text is None or says_text)
        and filter.favorite in (None, photo.favorite)
        and filter.status in (None, photo.status)
        and _is_within(photo.taken_at, filter.taken_from, filter.taken_before)
    )


def _is_within(moment: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    """The start belongs to it, the end does not. What has no time is within no bounds."""
    if moment is None:
        return start is None and end is None
    return (start is None or start <= moment) and (end is None or moment < end)

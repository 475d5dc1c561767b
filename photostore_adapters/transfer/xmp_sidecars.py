"""What XMP sidecars of other programs say of a picture."""

from datetime import UTC, datetime

from photostore.photo.details import DESCRIPTION_LIMIT, TITLE_LIMIT
from photostore.transfer.told import Told, moment_in, words_in
from photostore.transfer.xmp import FAVORITE_RATING
from photostore_adapters.imaging.xmp import CREATED, ORIGINAL, SUBJECT, properties_of

_DC = "{http://purl.org/dc/elements/1.1/}"
_TITLE, _DESCRIPTION = _DC + "title", _DC + "description"
_RATING = "{http://ns.adobe.com/xap/1.0/}Rating"
_CREATED = "{http://ns.adobe.com/xap/1.0/}CreateDate"
_WANTED = frozenset({_TITLE, _DESCRIPTION, SUBJECT, _RATING, ORIGINAL, CREATED, _CREATED})


def told_in_xmp(packet: bytes) -> Told:
    """Nothing, where it cannot be read. Of several languages the first, which is the default, counts."""
    found = properties_of([packet], wanted=_WANTED)

    def first(name: str, limit: int) -> str | None:
        return next((text.replace("\0", "")[:limit] for text in found.get(name, ())), None) or None

    moment, offset = _moment(next((text for name in (ORIGINAL, CREATED, _CREATED) for text in found.get(name, ())), ""))
    return Told(
        title=first(_TITLE, TITLE_LIMIT),
        description=first(_DESCRIPTION, DESCRIPTION_LIMIT),
        hashtags=words_in(found.get(SUBJECT, ())),
        favorite=first(_RATING, 10) == str(FAVORITE_RATING),
        taken_at=moment,
        taken_at_offset_minutes=offset,
    )


def _moment(text: str) -> tuple[datetime | None, int | None]:
    """Without an offset it is the camera's clock, written as if it were UTC."""
    moment = moment_in(text) if len(text) >= len("2024-05-01") else None
    if moment is None:
        return None, None
    offset = datetime.fromisoformat(text).utcoffset()
    minutes = None if offset is None else int(offset.total_seconds()) // 60
    return moment.astimezone(UTC), minutes if minutes is None or abs(minutes) <= 14 * 60 else None

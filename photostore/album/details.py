"""What is said about an album, checked."""

from photostore.album.errors import AlbumInvalid
from photostore.photo.queries import PhotoFilter
from photostore.shared.errors import FieldError

NAME_LIMIT = 200
DESCRIPTION_LIMIT = 5000
QUERY_HASHTAGS_LIMIT = 20
QUERY_TEXT_LIMIT = 200


def checked_name(text: str) -> str:
    """Raise `AlbumInvalid`."""
    name = checked_text("name", text.strip(), NAME_LIMIT)
    if not name:
        raise _invalid("name", "must not be empty")
    return name


def checked_text(field: str, text: str | None, limit: int) -> str | None:
    """Without the NULs that no database keeps; empty is none. Raise `AlbumInvalid`."""
    clean = (text or "").replace("\x00", "")
    if len(clean) > limit:
        raise _invalid(field, f"at most {limit} characters")
    return clean or None


def demand_bounded(query: PhotoFilter) -> None:
    """Raise `AlbumInvalid` for more than a query of an album may say."""
    if len(query.hashtags) > QUERY_HASHTAGS_LIMIT:
        raise _invalid("query.hashtag", f"at most {QUERY_HASHTAGS_LIMIT}")
    if len(query.text or "") > QUERY_TEXT_LIMIT:
        raise _invalid("query.q", f"at most {QUERY_TEXT_LIMIT} characters")


def _invalid(field: str, message: str) -> AlbumInvalid:
    return AlbumInvalid("The album's data does not validate.", errors=[FieldError(field, message)])

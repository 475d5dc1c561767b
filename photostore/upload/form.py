"""What the upload room asks of a form while it arrives."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from photostore.hashtag.name import HashtagName, hashtag_names
from photostore.photo.details import DESCRIPTION_LIMIT, TITLE_LIMIT, checked_count, checked_text
from photostore.shared.errors import FieldError
from photostore.upload.errors import UploadInvalid

FIELDS = frozenset({"title", "description", "hashtags", "keywords_as_hashtags", "sha256"})
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """The file of a form, as the client names it. `at_most` is an upper bound of its size in bytes, if one is known:
    the size itself when nothing comes after the file."""

    filename: str | None
    at_most: int | None
    chunks: AsyncIterator[bytes]


class IncomingForm(Protocol):
    """A multipart form (RFC 7578) of one file and some fields, in any order, read once, as it arrives.

    Reading raises `UploadInterrupted` when the client goes away, `UploadStalled` when it stops sending, `UploadInvalid` for
    an unknown or repeated part, `Malformed` for what is no form.
    """

    @abstractmethod
    async def file(self) -> IncomingFile:
        """Read up to the file. Raise `UploadInvalid` when there is none."""

    @abstractmethod
    async def rest(self) -> None:
        """Read what comes after the file."""

    @property
    @abstractmethod
    def fields(self) -> Mapping[str, str]:
        """The fields that were read by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDetails:
    """What the owner says with the file; `sha256` is the digest that the bytes must have.

    `keywords_as_hashtags` is whether the keywords in its metadata become hashtags; `None` leaves it to the service.
    """

    title: str | None
    description: str | None
    hashtags: tuple[HashtagName, ...]
    sha256: bytes | None
    keywords_as_hashtags: bool | None = None


def upload_details(fields: Mapping[str, str]) -> UploadDetails:
    """Raise `UploadInvalid`, `PhotoInvalid` or `NotAHashtag`, naming the field."""
    words = [word for word in fields.get("hashtags", "").split(",") if word.strip()]
    hashtags = hashtag_names(words)
    checked_count(hashtags)
    return UploadDetails(
        title=checked_text("title", fields.get("title") or None, TITLE_LIMIT),
        description=checked_text("description", fields.get("description") or None, DESCRIPTION_LIMIT),
        hashtags=hashtags,
        sha256=_digest(fields.get("sha256")),
        keywords_as_hashtags=_boolean("keywords_as_hashtags", fields.get("keywords_as_hashtags")),
    )


def _boolean(field: str, text: str | None) -> bool | None:
    if not text:
        return None
    if text.strip().lower() not in _BOOLEANS:
        raise UploadInvalid("A field does not validate.", errors=[FieldError(field, "must be true or false")])
    return _BOOLEANS[text.strip().lower()]


def _digest(text: str | None) -> bytes | None:
    if not text:
        return None
    try:
        digest = bytes.fromhex(text.strip())
    except ValueError:
        digest = b""
    if len(digest) != 32 or len(text.strip()) != 64:
        raise UploadInvalid("The digest is none.", errors=[FieldError("sha256", "must be 64 hexadecimal digits")])
    return digest

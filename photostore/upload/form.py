"""What the upload room asks of a form while it arrives."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from photostore.shared.errors import FieldError
from photostore.upload.details import UploadDetails, checked_details
from photostore.upload.errors import UploadInvalid

FIELDS = frozenset({"title", "description", "hashtags", "keywords_as_hashtags", "sha256", "album_id"})
# What a guest of a share link can say.
GUEST_FIELDS = frozenset({"title", "guest_name", "sha256"})
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


def upload_details(fields: Mapping[str, str]) -> UploadDetails:
    """Raise `UploadInvalid`, `PhotoInvalid` or `NotAHashtag`, naming the field."""
    return checked_details(
        title=fields.get("title"),
        description=fields.get("description"),
        hashtags=[word for word in fields.get("hashtags", "").split(",") if word.strip()],
        sha256=fields.get("sha256"),
        keywords_as_hashtags=_boolean("keywords_as_hashtags", fields.get("keywords_as_hashtags")),
        album_id=fields.get("album_id"),
    )


def _boolean(field: str, text: str | None) -> bool | None:
    if not text:
        return None
    if text.strip().lower() not in _BOOLEANS:
        raise UploadInvalid("A field does not validate.", errors=[FieldError(field, "must be true or false")])
    return _BOOLEANS[text.strip().lower()]

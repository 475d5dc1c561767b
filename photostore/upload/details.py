"""What the owner says with a file, and what is said of the file itself before it comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from photostore.hashtag.name import HashtagName, hashtag_names
from photostore.photo.details import DESCRIPTION_LIMIT, TITLE_LIMIT, checked_count, checked_text
from photostore.shared.errors import FieldError
from photostore.shared.ids import AlbumId
from photostore.submission.guest import GuestUpload
from photostore.upload.errors import UploadInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDetails:
    """What the owner says with the file; `sha256` is the digest that the bytes must have.

    `keywords_as_hashtags` is whether the keywords in its metadata become hashtags; `None` leaves it to the service.
    `refuse_deleted` is whether it must not bring back a photo that the owner deleted for good. `album_id` is an album that
    the photo is put into, as far as the owner may by then. `guest` is who sends it in place of the owner.
    """

    title: str | None = None
    description: str | None = None
    hashtags: tuple[HashtagName, ...] = ()
    sha256: bytes | None = None
    keywords_as_hashtags: bool | None = None
    refuse_deleted: bool = False
    guest: GuestUpload | None = None
    album_id: AlbumId | None = None


NOTHING_SAID = UploadDetails()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedFile:
    """A file as its sender announces it. Believed is none of it: what counts is what arrives."""

    filename: str
    content_type: str
    byte_size: int
    details: UploadDetails


def checked_details(
    *,
    title: str | None,
    description: str | None,
    hashtags: Sequence[str],
    sha256: str | None,
    keywords_as_hashtags: bool | None,
    refuse_deleted: bool = False,
    album_id: str | None = None,
) -> UploadDetails:
    """Raise `UploadInvalid`, `PhotoInvalid` or `NotAHashtag`, naming the field."""
    names = hashtag_names(hashtags)
    checked_count(names)
    return UploadDetails(
        title=checked_text("title", title or None, TITLE_LIMIT),
        description=checked_text("description", description or None, DESCRIPTION_LIMIT),
        hashtags=names,
        sha256=checked_digest(sha256),
        keywords_as_hashtags=keywords_as_hashtags,
        refuse_deleted=refuse_deleted,
        album_id=_album_id(album_id),
    )


def no_album() -> UploadInvalid:
    """Absent, not shared with the owner, or none that they can put photos into: never told which."""
    errors = [FieldError("album_id", "must be an album that you can add photos to")]
    return UploadInvalid("The photo cannot be put into the album.", errors=errors)


def _album_id(text: str | None) -> AlbumId | None:
    try:
        return AlbumId(UUID(text.strip())) if text else None
    except ValueError:
        raise no_album() from None


def digest_agreed(said: bytes | None, otherwise: bytes | None) -> bytes | None:
    """The digest that a client told in one of two places, or in both. Raise `UploadInvalid` where they differ."""
    if said and otherwise and said != otherwise:
        raise UploadInvalid("Two digests are told.", errors=[FieldError("sha256", "is not the one of Repr-Digest")])
    return said or otherwise


def checked_digest(text: str | None) -> bytes | None:
    """The digest that 64 hexadecimal digits tell. Raise `UploadInvalid`."""
    if not text:
        return None
    try:
        digest = bytes.fromhex(text.strip())
    except ValueError:
        digest = b""
    if len(digest) != 32 or len(text.strip()) != 64:
        raise UploadInvalid("The digest is none.", errors=[FieldError("sha256", "must be 64 hexadecimal digits")])
    return digest

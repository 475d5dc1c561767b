"""Who sends an upload through a share link, and what they are told of it."""

from dataclasses import dataclass

from photostore.shared.errors import FieldError
from photostore.shared.ids import AlbumId, ShareLinkId, SubmissionId
from photostore.submission.errors import SubmissionInvalid

NAME_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestUpload:
    """For the album of a link. The guest is told `submission_id` in place of the photo's own id, which may be an older one."""

    link_id: ShareLinkId
    album_id: AlbumId
    submission_id: SubmissionId
    name: str | None = None


def checked_guest_name(text: str | None) -> str | None:
    """Blank is none. Raise `SubmissionInvalid`."""
    name = (text or "").replace("\x00", "").strip()
    if len(name) > NAME_LIMIT:
        errors = [FieldError("guest_name", f"at most {NAME_LIMIT} characters")]
        raise SubmissionInvalid("The guest's name is too long.", errors=errors)
    return name or None

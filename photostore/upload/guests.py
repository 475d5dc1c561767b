"""Uploads that guests of a share link send in the owner's place."""

from collections.abc import Iterator
from contextlib import contextmanager

from photostore.quota.errors import QuotaExceeded
from photostore.share_link.gate import Share
from photostore.shared.clock import Ids
from photostore.shared.ids import AlbumId, SubmissionId, UploadId
from photostore.submission.errors import ShareOutOfSpace
from photostore.submission.guest import GuestUpload
from photostore.upload.errors import UploadNotFound
from photostore.upload.queries import UploadQueries
from photostore.upload.upload import Upload


def new_guest(share: Share, ids: Ids, *, name: str | None = None) -> GuestUpload:
    assert share.link.album_id is not None, "demanded before"
    return GuestUpload(
        link_id=share.link.id,
        album_id=AlbumId(share.link.album_id),
        submission_id=SubmissionId(ids.new()),
        name=name,
    )


async def upload_of_share(share: Share, upload_id: UploadId, uploads: UploadQueries) -> tuple[Upload, GuestUpload]:
    """Raise `UploadNotFound` for whatever did not begin through this very link."""
    upload = await uploads.get(upload_id, owner=share.link.owner_id)
    guest = upload.details.guest
    if guest is None or guest.link_id != share.link.id:
        raise UploadNotFound(f"There is no upload {upload_id}.")
    return upload, guest


@contextmanager
def figures_kept() -> Iterator[None]:
    """How much the owner has and may have is no business of a guest."""
    try:
        yield
    except QuotaExceeded:
        raise ShareOutOfSpace("There is not enough room for it.") from None

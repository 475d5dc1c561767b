"""Take in what a guest sent: the end of every door that is a guest's."""

from dataclasses import dataclass

from photostore.album.adding import put_into
from photostore.album.errors import AlbumNotFound
from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.share_link.errors import ShareNotFound
from photostore.share_link.ports import ShareAllowance
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.submission.guest import GuestUpload
from photostore.submission.ports import SubmissionRepository
from photostore.submission.submission import Submission, SubmissionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPhoto:
    """The owner's photo of the bytes that a guest sent, and what the guest calls it."""

    photo_id: PhotoId
    made: bool
    filename: str
    title: str | None
    byte_size: int


@dataclass(frozen=True, slots=True)
class ReceiveSubmission:
    """Within the unit of work, the photo locked: count it, write it down, put the photo into the album unless it is held
    for review. One that is in the trash stays there.

    Raise what `ShareAllowance.take` raises, and `ShareNotFound` when the album is gone.
    """

    submissions: SubmissionRepository
    allowance: ShareAllowance
    albums: AlbumRepository
    contents: AlbumContents
    clock: Clock

    async def __call__(self, *, owner: UserId, guest: GuestUpload, sent: SentPhoto) -> None:
        now = self.clock.now()
        held = await self.contents.hold([sent.photo_id], owner=owner)
        try:
            album = await self.albums.get(guest.album_id, actor=owner)
        except AlbumNotFound:
            raise ShareNotFound("There is no such share.") from None
        review = await self.allowance.take(guest.link_id, owner=owner, byte_size=sent.byte_size, now=now)
        await self.submissions.add(
            Submission(
                id=guest.submission_id,
                owner_id=owner,
                link_id=guest.link_id,
                album_id=guest.album_id,
                photo_id=sent.photo_id,
                made_photo=sent.made,
                guest_name=guest.name,
                filename=sent.filename,
                title=sent.title,
                byte_size=sent.byte_size,
                created_at=now,
                state=SubmissionState.PENDING if review else SubmissionState.APPROVED,
            )
        )
        if not review and sent.photo_id in held:
            await put_into(
                album,
                [sent.photo_id],
                self.albums,
                self.contents,
                owner=owner,
                now=now,
                submission_id=guest.submission_id,
            )

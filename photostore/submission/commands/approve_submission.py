"""Let a photo that a guest sent into the album."""

from dataclasses import dataclass
from uuid import UUID

from photostore.album.adding import put_into
from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.shared.clock import Clock
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, SubmissionId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.submission.errors import SubmittedPhotoTrashed
from photostore.submission.ports import SubmissionRepository
from photostore.submission.queries import SubmissionQueries


@dataclass(frozen=True, slots=True)
class ApproveSubmission:
    """`told` is the submission's id, or the photo's. Approved already is fine. Answer the submission's id.

    Raise `SubmissionNotFound`, `SubmissionDecided`, or `SubmittedPhotoTrashed`.
    """

    submissions: SubmissionRepository
    queries: SubmissionQueries
    albums: AlbumRepository
    contents: AlbumContents
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, link_id: ShareLinkId, told: UUID) -> SubmissionId:
        found = await self.queries.find(told, link_id=link_id, owner=actor)
        submission_id, photo_id = SubmissionId(found.id), PhotoId(found.photo.id)
        async with self.unit_of_work.answering():
            held = await self.contents.hold([photo_id], owner=actor)
            album = await self.albums.get(AlbumId(found.album_id), actor=actor)
            submission = await self.submissions.get(submission_id, owner=actor)
            if not submission.approve():
                return submission_id
            if photo_id not in held:
                raise SubmittedPhotoTrashed("The photo is in the trash: restore it first, or reject it.")
            await self.submissions.save(submission)
            now = self.clock.now()
            await put_into(
                album, [photo_id], self.albums, self.contents, owner=actor, now=now, submission_id=submission_id
            )
        return submission_id

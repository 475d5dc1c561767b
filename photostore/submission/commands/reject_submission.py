"""Keep a photo that a guest sent out of the album."""

from dataclasses import dataclass
from uuid import UUID

from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.photo.ports import TrashRepository
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, SubmissionId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.submission.ports import SubmissionRepository
from photostore.submission.queries import SubmissionQueries


@dataclass(frozen=True, slots=True)
class RejectSubmission:
    """The photo goes into the trash, where the submission made it and nobody has put it into an album since; else nothing
    happens to it. `told` is the submission's id, or the photo's. Rejected already is fine. Answer the submission's id.

    Raise `SubmissionNotFound` or `SubmissionDecided`.
    """

    submissions: SubmissionRepository
    queries: SubmissionQueries
    trash: TrashRepository
    albums: AlbumRepository
    contents: AlbumContents
    quotas: Quotas
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, link_id: ShareLinkId, told: UUID) -> SubmissionId:
        found = await self.queries.find(told, link_id=link_id, owner=actor)
        submission_id, photo_id = SubmissionId(found.id), PhotoId(found.photo.id)
        async with self.unit_of_work.answering():
            photos = await self.trash.find([photo_id], owner=actor)
            await self.albums.get(AlbumId(found.album_id), actor=actor)
            submission = await self.submissions.get(submission_id, owner=actor)
            if not submission.reject():
                return submission_id
            await self.submissions.save(submission)
            if submission.made_photo and not await self.contents.are_in_some([photo_id], owner=actor):
                for photo in photos:
                    if photo.trashed_at is None:
                        before = photo.figures
                        photo.move_to_trash(now=self.clock.now())
                        await self.trash.move([photo])
                        await self.quotas.adjust(actor, photo.figures - before)
        return submission_id

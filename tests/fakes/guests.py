"""What guests send and choose, in memory."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from photostore.photo.errors import PhotoNotFound
from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoView, SubmissionMark, SubmittedPhotoView
from photostore.photo.viewing import view_of
from photostore.selection.ports import SelectionRepository
from photostore.selection.queries import MarkView, SelectionQueries, SelectionView
from photostore.selection.selection import Mark, Selection
from photostore.share_link.errors import NotAllowedByShare, ShareExpired, ShareLinkNotFound, ShareNotFound
from photostore.share_link.gate import demand_room
from photostore.share_link.ports import ShareAllowance
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, SubmissionId, UserId
from photostore.submission.errors import SubmissionNotFound
from photostore.submission.ports import SubmissionRepository
from photostore.submission.queries import SubmissionQueries, SubmissionView
from photostore.submission.submission import Submission, SubmissionState
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakePlace, FakeStore


class FakeShareAllowance(ShareAllowance):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def take(self, link_id: ShareLinkId, *, owner: UserId, byte_size: int, now: datetime) -> bool:
        await self._unit_of_work.lock((self._store.share_links, link_id))
        link = self._unit_of_work.find(self._store.share_links, link_id)
        user = self._unit_of_work.find(self._store.users, owner)
        if link is None or link.owner_id != owner or link.disabled or user is None or not user.is_active:
            raise ShareNotFound("There is no such share.")
        if link.expires_at is not None and link.expires_at <= now:
            raise ShareExpired("The share has ended.")
        if not link.allow_upload:
            raise NotAllowedByShare("This share takes no uploads.")
        uploads, upload_bytes = self._unit_of_work.find(self._store.shared.guests.accepted, link_id) or (0, 0)
        demand_room(link.max_uploads, link.max_upload_bytes, uploads, upload_bytes, byte_size=byte_size)
        self._unit_of_work.put(self._store.shared.guests.accepted, link_id, (uploads + 1, upload_bytes + byte_size))
        return link.review


class FakeSubmissionRepository(SubmissionRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def add(self, submission: Submission) -> None:
        self._unit_of_work.put(self._store.shared.guests.submissions, submission.id, submission)

    async def get(self, submission_id: SubmissionId, *, owner: UserId) -> Submission:
        await self._unit_of_work.lock((self._store.shared.guests.submissions, submission_id))
        submission = self._unit_of_work.find(self._store.shared.guests.submissions, submission_id)
        if submission is None or submission.owner_id != owner:
            raise SubmissionNotFound(f"There is no submission {submission_id}.")
        return submission

    async def save(self, submission: Submission) -> None:
        await self._unit_of_work.save(self._store.shared.guests.submissions, submission)


class FakeSubmissionQueries(SubmissionQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def list(
        self,
        link_id: ShareLinkId,
        *,
        owner: UserId,
        state: SubmissionState | None,
        after: SubmissionId | None,
        limit: int,
    ) -> Sequence[SubmissionView]:
        self._store.answer_or_not()
        found = [row for row in self._of(link_id, owner) if state in (None, row.state)]
        newest_first = sorted(found, key=lambda row: row.id, reverse=True)
        return [self._view(row) for row in newest_first if after is None or row.id < after][:limit]

    async def find(self, told: UUID, *, link_id: ShareLinkId, owner: UserId) -> SubmissionView:
        self._store.answer_or_not()
        found = [row for row in self._of(link_id, owner) if told in (row.id, row.photo_id)]
        if not found:
            raise SubmissionNotFound(f"There is no submission {told}.")
        return self._view(max(found, key=lambda row: (row.id == told, row.state is SubmissionState.PENDING, row.id)))

    async def sent(self, told: UUID, *, link_id: ShareLinkId, owner: UserId) -> SubmittedPhotoView:
        self._store.answer_or_not()
        for row in self._of(link_id, owner):
            if row.id == told and row.state is not SubmissionState.REJECTED:
                return submitted(self._store.photos.rows[row.photo_id], row)
        raise PhotoNotFound(f"There is no photo {told}.")

    def _of(self, link_id: ShareLinkId, owner: UserId) -> Sequence[Submission]:
        return self._store.shared.guests.submissions.where(
            lambda row: row.link_id == link_id and row.owner_id == owner and row.photo_id in self._store.photos.rows
        )

    def _view(self, row: Submission) -> SubmissionView:
        photo = submitted(self._store.photos.rows[row.photo_id], row)
        return SubmissionView(row.id, row.link_id, row.album_id, row.guest_name, row.state.value, row.created_at, photo)


def submitted(photo: Photo, by: Submission) -> SubmittedPhotoView:
    view = view_of(photo)
    mark = SubmissionMark(by.id, by.link_id, by.guest_name, by.made_photo, by.filename, by.title, by.created_at)
    values = {field.name: getattr(view, field.name) for field in fields(PhotoView)}
    return SubmittedPhotoView(**values, submission=mark)


def placed_view(store: FakeStore, place: FakePlace, photo: Photo, told: UUID | None = None) -> PhotoView:
    """As it shows in an album; `told` is by which submission's id it was asked for."""
    asked = store.shared.guests.submissions.rows.get(SubmissionId(told)) if told is not None else None
    by = asked or (store.shared.guests.submissions.rows.get(place.submission_id) if place.submission_id else None)
    return view_of(photo) if by is None else submitted(photo, by)


class FakeSelectionRepository(SelectionRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def hold(self, link_id: ShareLinkId, *, owner: UserId) -> Selection:
        await self._unit_of_work.lock((self._store.shared.guests.selections, link_id))
        link = self._unit_of_work.find(self._store.share_links, link_id)
        if link is None or link.owner_id != owner:
            raise ShareLinkNotFound(f"There is no share link {link_id}.")
        selection = self._unit_of_work.find(self._store.shared.guests.selections, link_id)
        if selection is None:
            selection = Selection(id=link_id, owner_id=owner)
            self._unit_of_work.put(self._store.shared.guests.selections, link_id, selection)
        return selection

    async def save(self, selection: Selection) -> None:
        await self._unit_of_work.save(self._store.shared.guests.selections, selection)

    async def mark(self, selection: Selection, photo_id: PhotoId) -> Mark:
        return self._unit_of_work.find(self._store.shared.guests.marks, (selection.id, photo_id)) or Mark()

    async def put(self, selection: Selection, photo_id: PhotoId, mark: Mark | None) -> None:
        key = (selection.id, photo_id)
        if mark is None:
            self._unit_of_work.delete(self._store.shared.guests.marks, key)
        else:
            self._unit_of_work.put(self._store.shared.guests.marks, key, mark)


class FakeSelectionQueries(SelectionQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def get(
        self, link_id: ShareLinkId, *, owner: UserId, album_id: AlbumId | None, by_query: bool
    ) -> SelectionView:
        self._store.answer_or_not()
        head = self._store.shared.guests.selections.rows.get(link_id)
        if head is None:
            return SelectionView(None, None, None, ())
        marks = sorted(
            (photo_id, mark) for (of, photo_id), mark in self._store.shared.guests.marks.rows.items() if of == link_id
        )
        told = [self._view(link_id, album_id, by_query, photo_id, mark) for photo_id, mark in marks]
        return SelectionView(head.submitted_at, head.guest_name, head.note, [each for each in told if each])

    def _view(
        self, link_id: ShareLinkId, album_id: AlbumId | None, by_query: bool, photo_id: PhotoId, mark: Mark
    ) -> MarkView | None:
        photo = self._store.photos.rows.get(photo_id)
        if photo is None or photo.trashed_at is not None:
            return None
        shown_id: UUID = photo_id
        if album_id is None and photo_id not in self._store.share_links.rows[link_id].photo_ids:
            return None
        if album_id is not None and not by_query:
            place = self._store.album_photos.rows.get((album_id, photo_id))
            if place is None:
                return None
            shown_id = place.submission_id or photo_id
        return MarkView(photo_id, shown_id, photo.filename, mark.favorite, mark.comment)

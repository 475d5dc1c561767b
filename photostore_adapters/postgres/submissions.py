"""Submissions, as rows, and what is read of them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from photostore.photo.errors import PhotoNotFound
from photostore.photo.queries import PhotoView, SubmittedPhotoView
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, SubmissionId, UserId
from photostore.submission.errors import SubmissionNotFound
from photostore.submission.ports import SubmissionRepository
from photostore.submission.queries import SubmissionQueries, SubmissionView
from photostore.submission.submission import Submission, SubmissionState
from photostore_adapters.postgres.album_photo_queries import MARK, marked_view
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.rows import Row, table_of, update_versioned


class SubmissionRow(Row):
    __tablename__ = "submissions"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    link_id: Mapped[UUID]
    album_id: Mapped[UUID]
    photo_id: Mapped[UUID]
    made_photo: Mapped[bool]
    guest_name: Mapped[str | None]
    filename: Mapped[str]
    title: Mapped[str | None]
    byte_size: Mapped[int]
    state: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]


_SUBMISSIONS = table_of(SubmissionRow)
_ADD = insert(_SUBMISSIONS)
_GET = (
    select(*_SUBMISSIONS.c)
    .where(_SUBMISSIONS.c.owner_id == bindparam("owner"), _SUBMISSIONS.c.id == bindparam("submission"))
    .with_for_update()
)
_PHOTO = ", ".join(f"photos.{field.name}" for field in fields(PhotoView))
_OF = f"""
    SELECT {_PHOTO}, {MARK}, album_id AS sent_to, state AS sent_state FROM submissions AS sent
    JOIN photos ON photos.owner_id = sent.owner_id AND photos.id = photo_id
    WHERE sent.owner_id = $1 AND sent.link_id = $2
"""  # noqa: S608 - names of columns
_LIST = Statement(
    f"{_OF} AND ($3::text IS NULL OR state = $3) AND ($4::uuid IS NULL OR sent.id < $4) ORDER BY sent.id DESC LIMIT $5",
    ("owner", "link_id", "state", "after", "limit"),
)
_FIND = Statement(
    f"{_OF} AND (sent.id = $3 OR photo_id = $3) ORDER BY sent.id = $3 DESC, state = 'pending' DESC, sent.id DESC LIMIT 1",
    ("owner", "link_id", "told"),
)
_SENT = Statement(f"{_OF} AND sent.id = $3 AND state <> 'rejected'", ("owner", "link_id", "told"))


def _to_submission(row: Any) -> Submission:
    values = dict(row._mapping)
    return Submission(
        **{
            **values,
            "owner_id": UserId(values["owner_id"]),
            "id": SubmissionId(values["id"]),
            "link_id": ShareLinkId(values["link_id"]),
            "album_id": AlbumId(values["album_id"]),
            "photo_id": PhotoId(values["photo_id"]),
            "state": SubmissionState(values["state"]),
        }
    )


class PostgresSubmissionRepository(SubmissionRepository):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, submission: Submission) -> None:
        values = {column.name: getattr(submission, column.name) for column in _SUBMISSIONS.c}
        await self._session.execute(_ADD, values | {"state": submission.state.value})

    async def get(self, submission_id: SubmissionId, *, owner: UserId) -> Submission:
        found = await self._session.execute(_GET, {"owner": owner, "submission": submission_id})
        row = found.one_or_none()
        if row is None:
            raise SubmissionNotFound(f"There is no submission {submission_id}.")
        return _to_submission(row)

    async def save(self, submission: Submission) -> None:
        key = {"owner_id": submission.owner_id, "id": submission.id}
        await update_versioned(self._session, SubmissionRow, submission, {"state": submission.state.value}, **key)


class PostgresSubmissionQueries(SubmissionQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def list(
        self,
        link_id: ShareLinkId,
        *,
        owner: UserId,
        state: SubmissionState | None,
        after: SubmissionId | None,
        limit: int,
    ) -> Sequence[SubmissionView]:
        wanted = None if state is None else state.value
        asked = {"owner": owner, "link_id": link_id, "state": wanted, "after": after, "limit": limit}
        return [_view(row) for row in await self._reader.fetch(_LIST, **asked)]

    async def find(self, told: UUID, *, link_id: ShareLinkId, owner: UserId) -> SubmissionView:
        row = await self._reader.fetch_one(_FIND, owner=owner, link_id=link_id, told=told)
        if row is None:
            raise SubmissionNotFound(f"There is no submission {told}.")
        return _view(row)

    async def sent(self, told: UUID, *, link_id: ShareLinkId, owner: UserId) -> SubmittedPhotoView:
        row = await self._reader.fetch_one(_SENT, owner=owner, link_id=link_id, told=told)
        if row is None:
            raise PhotoNotFound(f"There is no photo {told}.")
        view = marked_view(row)
        assert isinstance(view, SubmittedPhotoView), "it was asked for as one"
        return view


def _view(row: Any) -> SubmissionView:
    photo = marked_view(row)
    assert isinstance(photo, SubmittedPhotoView), "it was asked for as one"
    sent = photo.submission
    return SubmissionView(
        id=sent.id,
        link_id=sent.link_id,
        album_id=row["sent_to"],
        guest_name=sent.guest_name,
        state=row["sent_state"],
        created_at=sent.created_at,
        photo=photo,
    )

"""The check room's ports in memory. Counts of hashtags are not kept here, so they cannot be wrong."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from photostore.check.errors import CheckRunning
from photostore.check.finding import Finding, Kind, NotedFinding, Outcome
from photostore.check.ports import (
    CheckRuns,
    Deletions,
    Findings,
    MadePicture,
    OneCheck,
    PhotoOnFile,
    PhotosOnFile,
    RowAudit,
)
from photostore.check.run import CheckRun
from photostore.photo.jobs import DECODE_PHOTO
from photostore.photo.photo import Photo, PhotoStatus
from photostore.quota.figures import Figures
from photostore.reactions import DELETE_BLOBS
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore


class FakePhotosOnFile(PhotosOnFile):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def by_key(self, *, after: str, limit: int) -> Sequence[PhotoOnFile]:
        self._store.answer_or_not()
        found = self._store.photos.where(lambda row: row.blob_key > after)
        return [self._told(photo) for photo in sorted(found, key=lambda row: row.blob_key)[:limit]]

    async def of_owner(self, owner: UserId, *, after: UUID | None, limit: int) -> Sequence[PhotoOnFile]:
        found = self._store.photos.where(lambda row: row.owner_id == owner and (after is None or row.id > after))
        return [self._told(photo) for photo in sorted(found, key=lambda row: row.id)[:limit]]

    async def get(self, photo_id: UUID, *, owner: UUID) -> PhotoOnFile | None:
        found = self._store.photos.where(lambda row: row.id == photo_id and row.owner_id == owner)
        return self._told(found[0]) if found else None

    def _told(self, photo: Photo) -> PhotoOnFile:
        images = [(key, size) for (whose, key), size in self._store.images.rows.items() if whose == photo.id]
        return PhotoOnFile(
            photo.owner_id,
            photo.id,
            photo.blob_key,
            photo.byte_size,
            photo.sha256,
            photo.failure,
            [MadePicture(blob_key=each.blob_key, byte_size=each.byte_size) for each in photo.renditions],
            [MadePicture(blob_key=key, byte_size=size) for key, size in images],
        )


class FakeDeletions(Deletions):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def under_way(self, keys: Sequence[BlobKey]) -> set[BlobKey]:
        jobs = self._unit_of_work.where(self._store.jobs, lambda job: job.name == DELETE_BLOBS)
        named = {str(key) for job in jobs for key in job.arguments["keys"]}  # type: ignore[attr-defined]
        return {key for key in keys if key in named}


class FakeRowAudit(RowAudit):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[UserId]:
        return sorted(each for each in self._store.users.rows if after is None or each > after)[:limit]

    async def findings(self, kind: Kind, owners: Sequence[UserId], *, now: datetime) -> Sequence[Finding]:
        self._store.answer_or_not()
        audits = {
            Kind.QUOTA_DRIFT: self._drift,
            Kind.IMAGES_BYTES: self._images,
            Kind.ALBUM_COUNT: self._albums,
            Kind.PHOTO_STUCK: self._stuck,
            Kind.FEED_GAP: self._gaps,
        }
        if kind is Kind.UPLOAD_OVERDUE:
            return [found for owner in owners for found in self._overdue(owner, now)]
        return [found for owner in owners for found in audits[kind](owner)] if kind in audits else []

    async def mend(self, finding: Finding, *, now: datetime) -> bool:
        assert finding.owner_id is not None
        assert finding.id is not None
        owner = UserId(finding.owner_id)
        if finding not in await self.findings(finding.kind, [owner], now=now):
            return False
        if finding.kind is Kind.ALBUM_COUNT:
            album = next(each for each in self._store.albums.rows.values() if each.id == finding.id)
            album.photo_count = int(finding.expected)
        elif finding.kind is Kind.IMAGES_BYTES:
            self._store.photos.rows[PhotoId(finding.id)].images_bytes = int(finding.expected)
            self._store.quotas.rows[owner].renditions += int(finding.expected) - int(finding.found)
        elif finding.kind is Kind.FEED_GAP:
            for lost in [key for key in self._store.changes.rows if key[0] == owner]:
                del self._store.changes.rows[lost]
            del self._store.feeds.rows[owner]
        return True

    def _drift(self, owner: UserId) -> list[Finding]:
        row = self._store.quotas.rows[owner]
        kept = sum((each.figures for each in self._own(owner)), Figures())
        uploads = self._store.uploads.where(lambda each: each.owner_id == owner and each.is_open)
        right = {
            "used_bytes": (row.used, kept.originals_bytes + kept.trash_bytes),
            "reserved_bytes": (row.reserved, sum(each.reserved_bytes for each in uploads)),
            "trash_bytes": (row.trash, kept.trash_bytes),
            "renditions_bytes": (row.renditions, kept.renditions_bytes),
            "photo_count": (row.photos, kept.photo_count),
        }
        return [
            _finding(Kind.QUOTA_DRIFT, owner, owner, expected, found, key=figure)
            for figure, (found, expected) in right.items()
            if found != expected
        ]

    def _images(self, owner: UserId) -> list[Finding]:
        made = Counter[PhotoId]()
        for (photo_id, _), size in self._store.images.rows.items():
            made[photo_id] += size
        return [
            _finding(Kind.IMAGES_BYTES, owner, photo.id, made[photo.id], photo.images_bytes)
            for photo in self._own(owner)
            if photo.images_bytes != made[photo.id]
        ]

    def _albums(self, owner: UserId) -> list[Finding]:
        found = list[Finding]()
        for album in self._store.albums.where(lambda each: each.owner_id == owner):
            places = self._store.album_photos.where(lambda each: each.album_id == album.id)  # noqa: B023
            shown = sum(self._store.photos.rows[each.photo_id].trashed_at is None for each in places)
            if shown != album.photo_count:
                found.append(_finding(Kind.ALBUM_COUNT, owner, album.id, shown, album.photo_count))
        return found

    def _stuck(self, owner: UserId) -> list[Finding]:
        waiting = {job.arguments["photo_id"] for job in self._store.jobs.rows.values() if job.name == DECODE_PHOTO}
        return [
            _finding(Kind.PHOTO_STUCK, owner, photo.id, "a job that decodes it", "none")
            for photo in self._own(owner)
            if photo.status is PhotoStatus.PROCESSING and str(photo.id) not in waiting
        ]

    def _overdue(self, owner: UserId, now: datetime) -> list[Finding]:
        over = self._store.uploads.where(
            lambda each: (
                each.owner_id == owner
                and each.is_open
                and max(each.expires_at, each.completing_until or each.expires_at) < now - timedelta(minutes=10)
            )
        )
        return [_finding(Kind.UPLOAD_OVERDUE, owner, each.id, "ended", each.state, key=each.blob_key) for each in over]

    def _gaps(self, owner: UserId) -> list[Finding]:
        feed = self._store.feeds.rows.get(owner)
        if feed is None:
            return []
        there = [seq for (whose, seq) in self._store.changes.rows if whose == owner and seq > feed.compacted_seq]
        expected, last = feed.last_seq - feed.compacted_seq, max(there, default=feed.compacted_seq)
        if len(there) == expected and last <= feed.last_seq:
            return []
        return [_finding(Kind.FEED_GAP, owner, owner, f"{expected} changes", f"{len(there)} changes")]

    def _own(self, owner: UserId) -> list[Photo]:
        return self._store.photos.where(lambda row: row.owner_id == owner)


class FakeCheckRuns(CheckRuns):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._checks = store.checks
        self._unit_of_work = unit_of_work

    async def last(self) -> CheckRun | None:
        return self._unit_of_work.find(self._checks.runs, "last")

    async def begin(self, run: CheckRun) -> None:
        for noted in self._unit_of_work.where(self._checks.findings, lambda _: True):
            self._unit_of_work.delete(self._checks.findings, noted.number)
        await self.save(run)

    async def save(self, run: CheckRun) -> None:
        self._unit_of_work.put(self._checks.runs, "last", run)


class FakeFindings(Findings):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._checks = store.checks
        self._unit_of_work = unit_of_work

    async def note(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            if _name(finding) not in {_name(each.finding) for each in self._all()}:
                self._checks.noted += 1
                noted = NotedFinding(number=self._checks.noted, finding=finding, outcome=None)
                self._unit_of_work.put(self._checks.findings, noted.number, noted)

    async def page(self, *, after: int, limit: int) -> Sequence[NotedFinding]:
        return [each for each in self._all() if each.number > after][:limit]

    async def conclude(self, number: int, outcome: Outcome) -> None:
        noted = self._unit_of_work.find(self._checks.findings, number)
        assert noted is not None
        concluded = NotedFinding(number=number, finding=noted.finding, outcome=outcome)
        self._unit_of_work.put(self._checks.findings, number, concluded)

    async def counted(self) -> Mapping[tuple[Kind, Outcome | None], int]:
        return Counter((each.finding.kind, each.outcome) for each in self._all())

    def _all(self) -> list[NotedFinding]:
        return sorted(self._unit_of_work.where(self._checks.findings, lambda _: True), key=lambda each: each.number)


class FakeOneCheck(OneCheck):
    def __init__(self, store: FakeStore) -> None:
        self._checks = store.checks

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        if self._checks.running:
            raise CheckRunning("Another process checks the library. Wait for it to end.")
        self._checks.running = True
        try:
            yield
        finally:
            self._checks.running = False


def _name(finding: Finding) -> tuple[object, ...]:
    return finding.kind, finding.owner_id, finding.id, finding.key


def _finding(
    kind: Kind, owner: UserId, thing: UUID, expected: object, found: object, *, key: str | None = None
) -> Finding:
    return Finding(kind=kind, owner_id=owner, id=thing, key=key, expected=str(expected), found=str(found))

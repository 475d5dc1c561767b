"""Recorded events become jobs, revoked URLs, told changes and plans for replicas, in the transaction that saves their
aggregate."""

from collections.abc import Mapping, Sequence

from photostore.changes import changes_told_of
from photostore.event.change import Change
from photostore.event.ports import EventPublisher
from photostore.job.ports import JobQueue
from photostore.reactions import jobs_caused_by, subjects_allowed_by, subjects_revoked_by
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.ports import ReplicaTasks
from photostore.replicating import plans_caused_by
from photostore.shared.aggregate import Event
from photostore.shared.ids import PhotoId
from photostore.shared.media import MediaRevoker
from photostore_adapters.postgres.changes import PendingChanges


class Outbox(EventPublisher):
    def __init__(
        self,
        jobs: JobQueue,
        media: MediaRevoker,
        changes: PendingChanges,
        replicas: ReplicaPolicy,
        replica_tasks: ReplicaTasks,
    ) -> None:
        self._jobs = jobs
        self._media = media
        self._changes = changes
        self._replicas = replicas
        self._replica_tasks = replica_tasks

    def touch(self, photos: Mapping[PhotoId, int | None]) -> None:
        """These photos are written, now of these versions, or go (`None`)."""
        self._changes.touch(photos)

    def tell(self, changes: Sequence[Change]) -> None:
        """These are told though nothing happened just now."""
        self._changes.add(changes)

    async def publish(self, events: Sequence[Event]) -> None:
        self._changes.add(changes_told_of(events))
        jobs = jobs_caused_by(events)
        if jobs:
            await self._jobs.enqueue(jobs)
        subjects = subjects_revoked_by(events)
        if subjects:
            await self._media.revoke(subjects)
        allowed = subjects_allowed_by(events)
        if allowed:
            await self._media.allow(allowed)
        plans = plans_caused_by(events, self._replicas.names)
        if plans:
            await self._replica_tasks.plan(plans)

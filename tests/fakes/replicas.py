"""The ports of replicas, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from photostore.photo.photo import Photo
from photostore.replica.ports import DamageReports, Originals, ReplicaStates, ReplicaTasks
from photostore.replica.queries import ReplicaQueries, ReplicaView, ReplicaWork
from photostore.replica.stores import Stores
from photostore.replica.task import Action, Original, Place, Plan, ReplicaState, Task
from photostore.replica.viewing import view_of
from photostore.shared.blobs import BlobKey
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.replication import FakeTask
from tests.fakes.store import FakeStore

_RANK = {Action.COPY: 0, Action.MEND: 1, Action.DELETE: 2}


def stores_of(store: FakeStore) -> Stores:
    return Stores(store.blobs, dict(store.replication.stores))


class FakeReplicaTasks(ReplicaTasks):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._tasks = store.replication.tasks
        self._unit_of_work = unit_of_work

    async def plan(self, plans: Sequence[Plan]) -> None:
        for plan in plans:
            key = (plan.photo_id, plan.store)
            there = self._unit_of_work.find(self._tasks, key)
            if there is None:
                self._unit_of_work.put(self._tasks, key, FakeTask(plan=plan, due_at=plan.at))
            elif _RANK[plan.action] > _RANK[there.plan.action]:
                kept = replace(plan, at=there.plan.at)
                self._unit_of_work.put(self._tasks, key, FakeTask(plan=kept, due_at=plan.at))

    async def due(self, store: str, *, now: datetime, limit: int) -> Sequence[Task]:
        found = self._unit_of_work.where(self._tasks, lambda row: row.plan.store == store and row.due_at <= now)
        return [self._task(row) for row in sorted(found, key=lambda row: row.due_at)[:limit]]

    async def done(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            if self._same(task) is not None:
                self._unit_of_work.delete(self._tasks, (task.photo_id, task.store))

    async def postpone(self, tasks: Sequence[Task], *, until: datetime, failure: str | None = None) -> None:
        for task in tasks:
            row = self._same(task)
            if row is not None:
                row.due_at, row.failure = until, failure or row.failure
                row.attempts += failure is not None
                self._unit_of_work.put(self._tasks, (task.photo_id, task.store), row)

    async def forget(self, store: str) -> None:
        for row in self._unit_of_work.where(self._tasks, lambda row: row.plan.store == store):
            self._unit_of_work.delete(self._tasks, (row.plan.photo_id, store))
        self._unit_of_work.delete(self._store.replication.states, store)

    def _same(self, task: Task) -> FakeTask | None:
        row = self._unit_of_work.find(self._tasks, (task.photo_id, task.store))
        return row if row is not None and row.plan.action is task.action else None

    def _task(self, row: FakeTask) -> Task:
        photo = self._store.photos.rows.get(row.plan.photo_id)
        told = {name: getattr(row.plan, name) for name in ("at", "owner_id", "photo_id", "store", "action", "key")}
        return Task(**told, attempts=row.attempts, original=None if photo is None else original_of(photo))


class FakeReplicaStates(ReplicaStates):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._states = store.replication.states
        self._unit_of_work = unit_of_work

    async def get(self, store: str) -> ReplicaState | None:
        return self._unit_of_work.find(self._states, store)

    async def keep(self, state: ReplicaState) -> None:
        self._unit_of_work.put(self._states, state.store, state)


class FakeOriginals(Originals):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def find(self, key: BlobKey) -> Original | None:
        self._store.answer_or_not()
        found = self._store.photos.where(lambda row: row.blob_key == key)
        return original_of(found[0]) if found else None

    async def walk(self, *, after: Place | None, limit: int) -> Sequence[Original]:
        self._store.answer_or_not()
        photos = sorted(self._store.photos.where(lambda _: True), key=lambda row: (row.owner_id, row.id))
        place = None if after is None else (after.owner_id, after.photo_id)
        return [original_of(photo) for photo in photos if place is None or (photo.owner_id, photo.id) > place][:limit]


class FakeDamageReports(DamageReports):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def report(self, original: Original, store: str) -> None:
        self._store.answer_or_not()
        unit_of_work = FakeUnitOfWork(self._store)
        plan = Plan(
            at=self._store.clock.now(),
            owner_id=original.owner_id,
            photo_id=original.photo_id,
            store=store,
            action=Action.MEND,
        )
        async with unit_of_work:
            await FakeReplicaTasks(self._store, unit_of_work).plan([plan])


class FakeReplicaQueries(ReplicaQueries):
    """As they are, after those that a test made up."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def replicas(self) -> Sequence[ReplicaView]:
        self._store.answer_or_not()
        replication, photos = self._store.replication, self._store.photos.where(lambda row: row.trashed_at is None)
        views = [
            view_of(
                work,
                replication.states.rows.get(work.store),
                kind=replication.policy.kinds[work.store],
                photos=len(photos),
                now=self._store.clock.now(),
            )
            for work in await self.work(replication.policy.names)
        ]
        return [*self._store.admin.replicas, *views]

    async def work(self, stores: Sequence[str]) -> Sequence[ReplicaWork]:
        self._store.answer_or_not()
        return [self._work(name) for name in stores]

    def _work(self, name: str) -> ReplicaWork:
        rows = self._store.replication.tasks.where(lambda row: row.plan.store == name)
        deletions = sum(row.plan.action is Action.DELETE for row in rows)
        return ReplicaWork(
            store=name,
            to_copy=len(rows) - deletions,
            to_delete=deletions,
            lost=sum(row.failure is not None for row in rows),
            oldest_at=min((row.plan.at for row in rows), default=None),
        )


def original_of(photo: Photo) -> Original:
    return Original(
        owner_id=photo.owner_id,
        photo_id=photo.id,
        key=photo.blob_key,
        byte_size=photo.byte_size,
        sha256=photo.sha256,
    )

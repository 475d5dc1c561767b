"""What is to be done in the stores of originals, and what is remembered of each, as rows."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from photostore.replica.ports import DamageReports, ReplicaStates, ReplicaTasks
from photostore.replica.task import Action, Original, Place, Plan, ReplicaState, Task
from photostore.shared.blobs import BlobKey
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.writing import run

# In the order of the key, so that those who plan for the same photos do not wait for each other in a circle.
_PLAN = Statement(
    """
    INSERT INTO replica_tasks AS task (owner_id, photo_id, store, action, blob_key, created_at, due_at)
    SELECT owner_id, photo_id, store, action, blob_key, at, at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
        AS plan (owner_id, photo_id, store, action, blob_key, at)
    ORDER BY owner_id, photo_id, store
    ON CONFLICT (owner_id, photo_id, store) DO UPDATE
    SET action = excluded.action, blob_key = excluded.blob_key, due_at = excluded.due_at, attempts = 0, failure = NULL
    WHERE (task.action, excluded.action) IN (('copy', 'mend'), ('copy', 'delete'), ('mend', 'delete'))
    """,
    ("owners", "photos", "stores", "actions", "keys", "moments"),
)
_DUE = Statement(
    """
    SELECT task.owner_id, task.photo_id, task.store, task.action, task.blob_key AS key, task.created_at AS at,
           task.attempts, photo.blob_key, photo.byte_size, photo.sha256
    FROM replica_tasks AS task
    LEFT JOIN photos AS photo ON photo.owner_id = task.owner_id AND photo.id = task.photo_id
    WHERE task.store = $1 AND task.due_at <= $2 ORDER BY task.due_at LIMIT $3
    """,
    ("store", "now", "limit"),
)
_DONE = Statement(
    """
    DELETE FROM replica_tasks AS task
    USING unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS done (owner_id, photo_id, store, action)
    WHERE task.owner_id = done.owner_id AND task.photo_id = done.photo_id AND task.store = done.store
      AND task.action = done.action
    """,
    ("owners", "photos", "stores", "actions"),
)
_POSTPONE = Statement(
    """
    UPDATE replica_tasks AS task
    SET due_at = $5, failure = coalesce($6, task.failure), attempts = task.attempts + ($6 IS NOT NULL)::integer
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS late (owner_id, photo_id, store, action)
    WHERE task.owner_id = late.owner_id AND task.photo_id = late.photo_id AND task.store = late.store
      AND task.action = late.action
    """,
    ("owners", "photos", "stores", "actions", "until", "failure"),
)
_FORGET_TASKS = Statement("DELETE FROM replica_tasks WHERE store = $1", ("store",))
_FORGET_STATE = Statement("DELETE FROM replicas WHERE store = $1", ("store",))
_COLUMNS = (
    "store, adopted_at, walked_owner_id, walked_photo_id, walked, walking, walk_began_at, walk_ended_at, seen_at, "
    "failing_since, failures, failure, retry_at"
)
_GET = Statement(f"SELECT {_COLUMNS} FROM replicas WHERE store = $1 FOR UPDATE", ("store",))  # noqa: S608 - names of columns
STATES = Statement(f"SELECT {_COLUMNS} FROM replicas WHERE store = ANY($1::text[])", ("stores",))  # noqa: S608
_NAMES = tuple(_COLUMNS.split(", "))
_KEEP = Statement(
    f"INSERT INTO replicas ({_COLUMNS}) VALUES ({', '.join(f'${number + 1}' for number in range(len(_NAMES)))}) "  # noqa: S608
    f"ON CONFLICT (store) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NAMES[1:])}",
    _NAMES,
)


class PostgresReplicaTasks(ReplicaTasks):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def plan(self, plans: Sequence[Plan]) -> None:
        if plans:
            await run(self._session, _PLAN, **_planned(plans))

    async def due(self, store: str, *, now: datetime, limit: int) -> Sequence[Task]:
        return [_to_task(row) for row in await run(self._session, _DUE, store=store, now=now, limit=limit)]

    async def done(self, tasks: Sequence[Task]) -> None:
        if tasks:
            await run(self._session, _DONE, **_named(tasks))

    async def postpone(self, tasks: Sequence[Task], *, until: datetime, failure: str | None = None) -> None:
        await run(self._session, _POSTPONE, **_named(tasks), until=until, failure=failure)

    async def forget(self, store: str) -> None:
        await run(self._session, _FORGET_TASKS, store=store)
        await run(self._session, _FORGET_STATE, store=store)


class PostgresReplicaStates(ReplicaStates):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, store: str) -> ReplicaState | None:
        rows = await run(self._session, _GET, store=store)
        return to_state(dict(rows[0])) if rows else None

    async def keep(self, state: ReplicaState) -> None:
        values = {each.name: getattr(state, each.name) for each in fields(state) if each.name != "place"}
        place = {"walked_owner_id": None, "walked_photo_id": None}
        if state.place is not None:
            place |= {f"walked_{name}": value for name, value in asdict(state.place).items()}
        await run(self._session, _KEEP, **values, **place)


class PostgresDamageReports(DamageReports):
    """Beside every transaction: who reads has none."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    async def report(self, original: Original, store: str) -> None:
        found = Plan(
            at=self._clock.now(),
            owner_id=original.owner_id,
            photo_id=original.photo_id,
            store=store,
            action=Action.MEND,
        )
        await self._reader.fetch(_PLAN, **_planned([found]))


def _planned(plans: Sequence[Plan]) -> dict[str, object]:
    return {**_named(plans), "keys": [plan.key for plan in plans], "moments": [plan.at for plan in plans]}


def _named(plans: Sequence[Plan]) -> dict[str, object]:
    return {
        "owners": [plan.owner_id for plan in plans],
        "photos": [plan.photo_id for plan in plans],
        "stores": [plan.store for plan in plans],
        "actions": [plan.action.value for plan in plans],
    }


def _to_task(row: Any) -> Task:
    owner, photo = UserId(row["owner_id"]), PhotoId(row["photo_id"])
    original = None
    if row["blob_key"] is not None:
        original = Original(
            owner_id=owner,
            photo_id=photo,
            key=BlobKey(row["blob_key"]),
            byte_size=row["byte_size"],
            sha256=row["sha256"],
        )
    return Task(
        at=row["at"],
        owner_id=owner,
        photo_id=photo,
        store=row["store"],
        action=Action(row["action"]),
        key=None if row["key"] is None else BlobKey(row["key"]),
        attempts=row["attempts"],
        original=original,
    )


def to_state(row: dict[str, Any]) -> ReplicaState:
    owner, photo = row.pop("walked_owner_id"), row.pop("walked_photo_id")
    place = None if owner is None else Place(owner_id=UserId(owner), photo_id=PhotoId(photo))
    return ReplicaState(place=place, **row)

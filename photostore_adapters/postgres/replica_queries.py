"""What is read of replicas, and the originals of all photos."""

from collections.abc import Sequence
from typing import Any

from photostore.replica.policy import ReplicaPolicy
from photostore.replica.ports import Originals
from photostore.replica.queries import ReplicaQueries, ReplicaView, ReplicaWork
from photostore.replica.task import Original, Place
from photostore.replica.viewing import view_of
from photostore.shared.blobs import BlobKey
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.replica_tasks import STATES, to_state

_ORIGINAL = "SELECT owner_id, id, blob_key, byte_size, sha256 FROM photos"
_FIND = Statement(f"{_ORIGINAL} WHERE blob_key = $1", ("key",))
_BEGIN = Statement(f"{_ORIGINAL} ORDER BY owner_id, id LIMIT $1", ("limit",))
_GO_ON = Statement(
    f"{_ORIGINAL} WHERE (owner_id, id) > ($1, $2) ORDER BY owner_id, id LIMIT $3",
    ("owner", "photo", "limit"),
)
_WORK = Statement(
    """
    SELECT store, work.* FROM unnest($1::text[]) WITH ORDINALITY AS asked (store, place), LATERAL (
        SELECT count(*) FILTER (WHERE action <> 'delete') AS to_copy, count(*) FILTER (WHERE action = 'delete') AS to_delete,
               count(*) FILTER (WHERE failure IS NOT NULL) AS lost, min(created_at) AS oldest_at
        FROM replica_tasks AS task WHERE task.store = asked.store
    ) AS work ORDER BY place
    """,
    ("stores",),
)
_COUNT = Statement("SELECT coalesce(sum(photo_count), 0)::bigint AS photos FROM quotas", ())


class PostgresOriginals(Originals):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def find(self, key: BlobKey) -> Original | None:
        row = await self._reader.fetch_one(_FIND, key=key)
        return None if row is None else _to_original(row)

    async def walk(self, *, after: Place | None, limit: int) -> Sequence[Original]:
        if after is None:
            return [_to_original(row) for row in await self._reader.fetch(_BEGIN, limit=limit)]
        rows = await self._reader.fetch(_GO_ON, owner=after.owner_id, photo=after.photo_id, limit=limit)
        return [_to_original(row) for row in rows]


class PostgresReplicaQueries(ReplicaQueries):
    def __init__(self, reader: Reader, policy: ReplicaPolicy, clock: Clock) -> None:
        self._reader = reader
        self._policy = policy
        self._clock = clock

    async def replicas(self) -> Sequence[ReplicaView]:
        names = self._policy.names
        if not names:
            return []
        photos = await self._reader.fetch_one(_COUNT)
        states = {row["store"]: to_state(dict(row)) for row in await self._reader.fetch(STATES, stores=list(names))}
        now = self._clock.now()
        return [
            view_of(
                work,
                states.get(work.store),
                kind=self._policy.kinds[work.store],
                photos=int(photos["photos"]),
                now=now,
            )
            for work in await self.work(names)
        ]

    async def work(self, stores: Sequence[str]) -> Sequence[ReplicaWork]:
        if not stores:
            return []
        return [ReplicaWork(**row) for row in await self._reader.fetch(_WORK, stores=list(stores))]


def _to_original(row: Any) -> Original:
    return Original(
        owner_id=UserId(row["owner_id"]),
        photo_id=PhotoId(row["id"]),
        key=BlobKey(row["blob_key"]),
        byte_size=row["byte_size"],
        sha256=row["sha256"],
    )

"""`/admin/storage`: what the whole service keeps, and where."""

from datetime import datetime

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller
from msgspec import Struct

from photostore.quota.queries import QuotaQueries
from photostore.replica.queries import ReplicaQueries
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore_http.authentication import administrator
from photostore_http.problem_specs import refusals
from photostore_http.routing import get


class Sweep(Struct, frozen=True, kw_only=True):
    """The last look for unreferenced blobs: what it found and removed, or why it removed nothing."""

    at: datetime
    blobs: int
    multiparts: int
    refusal: str | None


class Replica(Struct, frozen=True, kw_only=True):
    """One further blob store: about how many originals are `copied` there, and how many are `lagging`, `lost` of which are in
    no store; `deleting` are still to be deleted. `complete_at` is when all photos were last looked through: null until then."""

    name: str
    kind: str
    state: str
    copied: int
    lagging: int
    oldest_lag_seconds: float | None
    last_error: str | None
    lost: int
    deleting: int
    complete_at: datetime | None


class StorageTotals(Struct, frozen=True, kw_only=True):
    """Of all users together, in bytes as `GET /storage` tells them of one. `last_sweep` is null before the first."""

    users: int
    photo_count: int
    originals_bytes: int
    trash_bytes: int
    renditions_bytes: int
    used_bytes: int
    reserved_bytes: int
    uploads_open: int
    last_sweep: Sweep | None
    replicas: list[Replica]


class AdminStorageController(Controller):
    path = "/admin/storage"
    tags = ("admin",)

    @get(
        operation_id="GetStorageTotals",
        guards=[administrator],
        responses=refusals(InvalidToken, InsufficientScope),
    )
    @inject
    async def totals(self, quotas: FromDishka[QuotaQueries], replicas: FromDishka[ReplicaQueries]) -> StorageTotals:
        """What all users keep together, and how each replica is. It costs what there are users, not what there are photos."""
        kept = msgspec.to_builtins(await quotas.totals())
        further = [msgspec.convert(each, Replica, from_attributes=True) for each in await replicas.replicas()]
        return msgspec.convert({**kept, "replicas": further}, StorageTotals)

"""`/admin/storage`: what the whole service keeps."""

from photostore.quota.queries import SweepView
from photostore.replica.queries import ReplicaView
from tests.fakes.store import FakeQuota, FakeStore
from tests.fakes.system import NOW
from tests.http.world import World


async def test_it_tells_what_all_users_keep_together(world: World, store: FakeStore) -> None:
    admin = await world.user(is_admin=True)
    someone = await world.user()
    store.quotas.rows[admin.id] = FakeQuota(None, used=30, trash=10, renditions=5, reserved=7, photos=2)
    store.quotas.rows[someone.id] = FakeQuota(100, used=3, photos=1)

    answer = await (await world.as_user(admin)).get("/api/v1/admin/storage")

    assert answer.json() == {
        "users": 2,
        "photo_count": 3,
        "originals_bytes": 23,
        "trash_bytes": 10,
        "renditions_bytes": 5,
        "used_bytes": 33,
        "reserved_bytes": 7,
        "uploads_open": 0,
        "last_sweep": None,
        "replicas": [],
    }


async def test_it_tells_of_the_last_sweep_and_of_each_replica(world: World, store: FakeStore) -> None:
    admin = await world.user(is_admin=True)
    store.admin.sweeps.rows["last"] = SweepView(at=NOW, blobs=2, multiparts=1, refusal=None)
    store.admin.replicas = [ReplicaView("far", "s3", "lagging", 10, 2, 61.5, "the bucket is away")]

    told = (await (await world.as_user(admin)).get("/api/v1/admin/storage")).json()

    assert told["last_sweep"] == {"at": "2026-06-01T12:00:00Z", "blobs": 2, "multiparts": 1, "refusal": None}
    assert told["replicas"][0]["oldest_lag_seconds"] == 61.5

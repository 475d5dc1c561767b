"""A primary and two replicas in memory, and photos that lie in the primary."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

import pytest
from dishka import AsyncContainer

from photostore.photo.photo import Photo, PhotoStatus
from photostore.replica.commands.keep_replica import KeepReplica
from photostore.replica.turn import Kept
from tests.builders import a_photo
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.store import FakeStore
from tests.using import stored, use


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore()
    store.replication.stores = {"nas": FakeBlobStore(), "far": FakeBlobStore()}
    return store


@dataclass(frozen=True)
class Place:
    """Everything that lies somewhere."""

    store: FakeStore
    container: AsyncContainer

    @property
    def primary(self) -> FakeBlobStore:
        return self.store.blobs

    @property
    def nas(self) -> FakeBlobStore:
        return self.store.replication.stores["nas"]

    @property
    def far(self) -> FakeBlobStore:
        return self.store.replication.stores["far"]

    async def photo(self, content: bytes, *, new: bool = True) -> Photo:
        """In the primary alone. One that is not `new` was there before the replicas were."""
        photo = a_photo(
            byte_size=len(content),
            sha256=sha256(content).digest(),
            status=PhotoStatus.PROCESSING if new else PhotoStatus.READY,
        )
        self.primary.blobs[photo.blob_key] = content
        return await stored(self.container, photo)

    def originals(self, blobs: FakeBlobStore) -> dict[str, bytes]:
        return {key: content for key, content in blobs.blobs.items() if key.startswith("originals/")}


@pytest.fixture
def place(store: FakeStore, container: AsyncContainer) -> Place:
    return Place(store, container)


@pytest.fixture
def keep(container: AsyncContainer) -> Callable[[str], Awaitable[Kept]]:
    """One turn of looking after a store."""

    async def turn(store: str) -> Kept:
        return await use(container, KeepReplica)(store=store)

    return turn

"""Revoked media URLs in memory; the test's store knows of each at once."""

from collections.abc import Sequence

from photostore.shared.media import MediaRevocations, MediaRevoker, MediaUrlInvalid
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore


class FakeMediaRevoker(MediaRevoker):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def revoke(self, subjects: Sequence[str]) -> None:
        for subject in subjects:
            self._unit_of_work.put(self._store.revoked, subject, True)

    async def allow(self, subjects: Sequence[str]) -> None:
        for subject in subjects:
            self._unit_of_work.put(self._store.revoked, subject, False)


class FakeMediaRevocations(MediaRevocations):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def demand_valid(self, *subjects: str) -> None:
        if any(self._store.revoked.rows.get(subject) for subject in subjects):
            raise MediaUrlInvalid("revoked")

    async def prune(self) -> None:
        """Tests are short."""

"""Replicas in memory: their stores, what is to be done in each, and what is remembered of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from photostore.replica.policy import ReplicaPolicy
from photostore.replica.task import Action, Plan, ReplicaState
from photostore.shared.ids import PhotoId
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.database import Table


@dataclass(kw_only=True)
class FakeTask:
    plan: Plan
    due_at: datetime
    attempts: int = 0
    failure: str | None = None


@dataclass
class FakeReplication:
    """Replicas are there once a test has put them into `stores`, before the container is made."""

    stores: dict[str, FakeBlobStore] = field(default_factory=dict)
    turn: timedelta = timedelta(seconds=30)
    tasks: Table[tuple[PhotoId, str], FakeTask] = field(default_factory=Table)
    states: Table[str, ReplicaState] = field(default_factory=Table)

    @property
    def policy(self) -> ReplicaPolicy:
        return ReplicaPolicy(kinds=dict.fromkeys(self.stores, "filesystem"), turn=self.turn)

    def planned(self) -> list[tuple[str, Action]]:
        return sorted((row.plan.store, row.plan.action) for row in self.tasks.rows.values())

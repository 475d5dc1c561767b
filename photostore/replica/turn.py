"""One turn of looking after a store: what is due first, then the walk over all photos."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from photostore.replica.copying import copy_original, has_size, is_right
from photostore.replica.errors import SourceFailed
from photostore.replica.ports import Originals, ReplicaStates, ReplicaTasks
from photostore.replica.stores import PRIMARY, Stores
from photostore.replica.task import Action, Original, Place, Plan, ReplicaState, Task
from photostore.shared.blobs import BlobDamaged, BlobStoreUnavailable
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork

BATCH, AT_ONCE = 100, 4
# What could not be done because a store does not answer waits for as long, so that others come first.
STORE_AWAY = timedelta(minutes=1)
# An original that no store has is looked for again after 1, 2, 4 ... seconds, at most:
LONGEST_DELAY = timedelta(hours=6)

T = TypeVar("T")
Outcome = str | BlobStoreUnavailable | SourceFailed


@dataclass(slots=True)
class Kept:
    """What was done: `copied`, `mended`, `found` (there already), `deleted`, `gone` (the photo is), `lost` (no store has it).
    `failure` is why it ended early."""

    done: Counter[str] = field(default_factory=Counter)
    failure: str | None = None


@dataclass(slots=True, kw_only=True)
class Turn:
    """`state` is what is to be remembered of the store."""

    store: str
    state: ReplicaState
    kept: Kept
    stores: Stores
    tasks: ReplicaTasks
    states: ReplicaStates
    originals: Originals
    clock: Clock
    unit_of_work: UnitOfWork
    told: Callable[[ReplicaState], None] | None = None
    _damaged: list[Plan] = field(default_factory=list)

    async def run(self, *, until: datetime) -> None:
        """Until then, or until nothing is left. Raise what the store, or all that are read from, did not answer."""
        while True:
            if not await self._do_due():
                if not walks(self.state, self.clock.now()):
                    return
                await self._walk_on()
            if self.clock.now() >= until:
                return

    async def remember(self) -> None:
        async with self.unit_of_work:
            await self.states.keep(self.state)
        if self.told is not None:
            self.told(self.state)

    async def _do_due(self) -> bool:
        async with self.unit_of_work:
            due = await self.tasks.due(self.store, now=self.clock.now(), limit=BATCH)
        for start in range(0, len(due), AT_ONCE):
            outcomes = await _each(due[start : start + AT_ONCE], self._do)
            await self._settle(outcomes)
            self._count([outcome for _, outcome in outcomes])
        return bool(due)

    async def _settle(self, outcomes: Sequence[tuple[Task, Outcome]]) -> None:
        """Those that worked are done, whatever became of the others."""
        now = self.clock.now()
        async with self.unit_of_work:
            await self.tasks.done([task for task, outcome in outcomes if isinstance(outcome, str)])
            for task, outcome in outcomes:
                if _is_lost(outcome):
                    delay = min(timedelta(seconds=2 ** min(task.attempts, 20)), LONGEST_DELAY)
                    await self.tasks.postpone([task], until=now + delay, failure=str(outcome))
                elif not isinstance(outcome, str):
                    await self.tasks.postpone([task], until=now + STORE_AWAY)
            await self._plan_damaged()

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, str) or _is_lost(outcome):
                self.kept.done[outcome if isinstance(outcome, str) else "lost"] += 1
        for outcome in outcomes:
            if not isinstance(outcome, str) and not _is_lost(outcome):
                raise outcome

    async def _do(self, task: Task) -> str:
        if task.action is Action.DELETE:
            assert task.key is not None, "what is to be deleted has a key"
            await self.stores.get(self.store).delete(task.key)
            return "deleted"
        if task.original is None:
            return "gone"
        return await self._ensure(task.original, read_it=task.action is Action.MEND)

    async def _ensure(self, original: Original, *, read_it: bool = False) -> str:
        target = self.stores.get(self.store)
        if await (is_right if read_it else has_size)(target, original):
            return "found"
        try:
            sources = await copy_original(original, to=self.store, stores=self.stores)
        except SourceFailed:
            if await self.originals.find(original.key) is None:
                return "gone"
            raise
        if not await has_size(target, original):
            raise BlobDamaged("The store does not keep what it was sent.")
        self._damaged += [self._plan(original, Action.MEND, store) for store in sources.damaged]
        if self.store == PRIMARY and await self.originals.find(original.key) is None:
            # Deleted meanwhile, perhaps before this was written: nobody else would remove it.
            await target.delete(original.key)
            return "gone"
        return "mended" if read_it else "copied"

    async def _walk_on(self) -> None:
        if not self.state.walking:
            self.state = self.state.walk_begun(self.clock.now())
        batch = await self.originals.walk(after=self.state.place, limit=BATCH)
        for start in range(0, len(batch), AT_ONCE):
            some = batch[start : start + AT_ONCE]
            outcomes = await _each(some, self._ensure)
            # A row for each that is not there, so that the walk gets past those that fail again and again.
            missing = [
                self._plan(each, Action.COPY, self.store) for each, done in outcomes if not isinstance(done, str)
            ]
            async with self.unit_of_work:
                await self.tasks.plan(missing)
                await self._plan_damaged()
            last = Place(owner_id=some[-1].owner_id, photo_id=some[-1].photo_id)
            self.state = self.state.walked_on(last, len(some))
            self._count([outcome for _, outcome in outcomes])
        if not batch:
            self.state = self.state.walk_ended(self.clock.now())
        await self.remember()

    async def _plan_damaged(self) -> None:
        damaged, self._damaged = self._damaged, []
        await self.tasks.plan(damaged)

    def _plan(self, original: Original, action: Action, store: str) -> Plan:
        now = self.clock.now()
        return Plan(at=now, owner_id=original.owner_id, photo_id=original.photo_id, store=store, action=action)


def walks(state: ReplicaState, now: datetime) -> bool:
    """Whether somebody walks over all photos, or is to. Over those of the primary only when told to: it is empty, perhaps."""
    return state.walking if state.store == PRIMARY else state.needs_walk(now)


def _is_lost(outcome: Outcome) -> bool:
    """The fault is this original's, and of no store as a whole."""
    return isinstance(outcome, SourceFailed) and outcome.lost


async def _each(things: Sequence[T], do: Callable[[T], Awaitable[str]]) -> list[tuple[T, Outcome]]:
    """Side by side; each with what it came to, or what a store did not answer."""

    async def tried(thing: T) -> tuple[T, Outcome]:
        try:
            return thing, await do(thing)
        except (BlobStoreUnavailable, SourceFailed) as fault:
            return thing, fault

    return await asyncio.gather(*map(tried, things))

"""Groups of libraries: made in turns, and kept for a minute, so that the next page and the next request need no work."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from photostore.photo.duplicates import DuplicatesBusy, FoundGroup
from photostore.shared.ids import UserId

# Libraries of fewer photos do not wait for larger ones: the worst of them takes a third of a second.
SMALL_LIBRARY = 5_000
PATIENCE_SECONDS = 5.0
KEPT_SECONDS = 60.0
# All distances of two owners, and not more memory than the groups of nearly a million photos take.
_KEPT = 16
KEPT_BYTES = 64 << 20
_BETWEEN_WARNINGS_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class Groups(Protocol):
    """Of one library. `in_part`: near photos were too many to be compared."""

    @property
    def in_part(self) -> bool: ...

    @property
    def byte_size(self) -> int: ...

    def page(self, *, after: UUID | None, limit: int) -> tuple[list[FoundGroup], bool]: ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """Two stamps of a library are equal only if nothing in it has changed between them."""

    photo_count: int
    digest: object


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: Stamp
    groups: Groups
    until: float


class DuplicateGroupings:
    """One library is grouped at a time, and one small one beside it; of each owner one alone may wait for its turn."""

    def __init__(
        self,
        group: Callable[[UserId, int], Awaitable[Groups]],
        *,
        patience: float = PATIENCE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._group = group
        self._patience = patience
        self._monotonic = monotonic
        self._large, self._small = asyncio.Lock(), asyncio.Lock()
        self._owners = WeakValueDictionary[UserId, asyncio.Lock]()
        self._kept = OrderedDict[tuple[UserId, int], _Kept]()
        self._warned_at = float("-inf")

    async def of(self, owner: UserId, distance: int, stamp: Stamp) -> Groups:
        """Raise `DuplicatesBusy` when others take too long."""
        if (groups := self._known(owner, distance, stamp)) is not None:
            return groups
        async with AsyncExitStack() as turns:
            await self._wait(owner, stamp, turns)
            # The one before may have asked for the same.
            if (groups := self._known(owner, distance, stamp)) is not None:
                return groups
            work = asyncio.create_task(self._grouped(owner, distance, stamp, turns.pop_all()))
        # Whoever gives up does not end the thread that works for it: only then the next may begin.
        return await asyncio.shield(work)

    async def _wait(self, owner: UserId, stamp: Stamp, turns: AsyncExitStack) -> None:
        own = self._owners.setdefault(owner, asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience):
                await turns.enter_async_context(own)
                small = stamp.photo_count < SMALL_LIBRARY
                await turns.enter_async_context(self._small if small else self._large)
        except TimeoutError as error:
            raise DuplicatesBusy("Other libraries are being searched for duplicates.") from error

    async def _grouped(self, owner: UserId, distance: int, stamp: Stamp, turns: AsyncExitStack) -> Groups:
        async with turns:
            groups = await self._group(owner, distance)
            self._keep((owner, distance), _Kept(stamp, groups, self._monotonic() + KEPT_SECONDS))
            if groups.in_part:
                self._warn(owner, distance, stamp)
            return groups

    def _known(self, owner: UserId, distance: int, stamp: Stamp) -> Groups | None:
        self._forget()
        kept = self._kept.get((owner, distance))
        return kept.groups if kept is not None and kept.stamp == stamp else None

    def _keep(self, key: tuple[UserId, int], kept: _Kept) -> None:
        self._kept.pop(key, None)
        self._kept[key] = kept
        self._forget()

    def _forget(self) -> None:
        """The oldest first, which are those that end first."""
        size = sum(kept.groups.byte_size for kept in self._kept.values())
        now = self._monotonic()
        while self._kept:
            oldest = next(iter(self._kept.values()))
            if len(self._kept) <= _KEPT and size <= KEPT_BYTES and now < oldest.until:
                return
            size -= oldest.groups.byte_size
            self._kept.popitem(last=False)

    def _warn(self, owner: UserId, distance: int, stamp: Stamp) -> None:
        now = self._monotonic()
        if now - self._warned_at >= _BETWEEN_WARNINGS_SECONDS:
            self._warned_at = now
            count = stamp.photo_count
            _log.warning("too many photos alike to compare them all", owner=str(owner), photos=count, distance=distance)

"""Those who wait for changes, in one process."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from photostore.event.errors import TooManyFollow, TooManyFollowers
from photostore.event.ports import ChangeHearer, Listening
from photostore.shared.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowingLimits:
    """How many clients of one owner, and of all, may follow the feed through one process: by waiting and by streams."""

    of_owner: int = 20
    of_process: int = 10_000


class Places:
    """Who follows the feed at the moment. Whoever waits and whoever has a stream takes one place."""

    def __init__(self, limits: FollowingLimits) -> None:
        self.limits = limits
        self._of_owner: Counter[UserId] = Counter()
        self.taken = 0

    def demand(self, owner: UserId) -> None:
        """Raise `TooManyFollow` or `TooManyFollowers` when there is none."""
        if self._of_owner[owner] >= self.limits.of_owner:
            raise TooManyFollow(f"At most {self.limits.of_owner} clients of one account may follow at the same time.")
        if self.taken >= self.limits.of_process:
            raise TooManyFollowers("This server has no place left for another client that follows.")

    def is_left(self, owner: UserId) -> bool:
        return self._of_owner[owner] < self.limits.of_owner and self.taken < self.limits.of_process

    def take(self, owner: UserId) -> None:
        self._of_owner[owner] += 1
        self.taken += 1

    def free(self, owner: UserId) -> None:
        self.taken -= 1
        self._of_owner[owner] -= 1
        if not self._of_owner[owner]:
            del self._of_owner[owner]


class Listener(Listening):
    """`heard` is set when there is something new."""

    def __init__(self, listeners: "Listeners") -> None:
        self._listeners = listeners
        self.heard = asyncio.Event()

    async def changed(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.heard.wait()
        except TimeoutError:
            return False
        self.heard.clear()
        return self._listeners.hearing


class Listeners:
    """Whoever hears of changes wakes those who wait. While that is nobody, `hearing` is false and nobody waits long."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._of_owner: dict[UserId, set[Listener]] = {}
        self._of_all: list[ChangeHearer] = []
        self.waiting = 0
        self.hearing = False
        self.over = False

    @contextmanager
    def one(self, owner: UserId) -> Iterator[Listener | None]:
        """`None` beyond the limits."""
        if not self.places.is_left(owner):
            yield None
            return
        listener = Listener(self)
        mine = self._of_owner.setdefault(owner, set())
        mine.add(listener)
        self.places.take(owner)
        self.waiting += 1
        try:
            yield listener
        finally:
            self.waiting -= 1
            self.places.free(owner)
            mine.discard(listener)
            if not mine:
                self._of_owner.pop(owner, None)

    def attend(self, hearer: ChangeHearer) -> None:
        """It is told of all owners."""
        self._of_all.append(hearer)
        if self.over:
            hearer.over()
        else:
            hearer.unsure(hearing=self.hearing)

    def wake(self, owner: UserId) -> None:
        for listener in self._of_owner.get(owner, ()):
            listener.heard.set()
        for hearer in self._of_all:
            hearer.heard(owner)

    def wake_all(self, *, hearing: bool) -> None:
        """Something may have been missed; and it is heard from now on, or not."""
        self.hearing = hearing
        for owner in self._of_owner:
            for listener in self._of_owner[owner]:
                listener.heard.set()
        for hearer in self._of_all:
            hearer.unsure(hearing=hearing)

    def stop(self) -> None:
        """Nothing more will be heard: the process ends."""
        self.wake_all(hearing=False)
        self.over = True
        for hearer in self._of_all:
            hearer.over()

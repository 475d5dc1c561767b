"""Those who wait for changes, in one process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from photostore.event.ports import ChangeHearer, Listening
from photostore.shared.ids import UserId

# One owner's devices, not a flood of them; and what a process can hold open.
MOST_OF_OWNER = 20
MOST = 10_000


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

    def __init__(self) -> None:
        self._of_owner: dict[UserId, set[Listener]] = {}
        self._of_all: list[ChangeHearer] = []
        self.waiting = 0
        self.hearing = False
        self.over = False

    @contextmanager
    def one(self, owner: UserId) -> Iterator[Listener | None]:
        """`None` beyond the limits."""
        mine = self._of_owner.get(owner, set())
        if self.waiting >= MOST or len(mine) >= MOST_OF_OWNER:
            yield None
            return
        listener = Listener(self)
        self._of_owner.setdefault(owner, mine).add(listener)
        self.waiting += 1
        try:
            yield listener
        finally:
            self.waiting -= 1
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

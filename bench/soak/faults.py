"""What breaks, and when: drawn from the seed."""

import time
from collections.abc import Callable
from random import Random

from bench.soak.journal import Journal
from bench.soak.place import Place

STORE_SHARE = 0.05
_PAUSE_SECONDS = (6, 16)
# So long at most is Redis, or the whole store, away at a time.
_AWAY_SECONDS = 6


class Faults:
    """One after another, in this thread, which is the one that Postgres must be started from."""

    def __init__(self, place: Place, journal: Journal, random: Random) -> None:
        self._place = place
        self._journal = journal
        self._random = random

    def run(self, until: float, *, spare_first: Callable[[], bool]) -> None:
        """Until then. While `spare_first()`, the first server and the first worker live on, so that one sees what time does
        to them."""
        self._place.break_store(self._random, STORE_SHARE)
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, self._random.uniform(*_PAUSE_SECONDS)))
            if time.monotonic() >= until:
                break
            self._one(1 if spare_first() else self._random.randrange(2))
        self._place.mend_store()

    def _one(self, number: int) -> None:
        away = self._random.uniform(1, _AWAY_SECONDS)
        faults: dict[str, Callable[[], None]] = {
            "kill -9 of a server": lambda: self._place.kill_server(number),
            "graceful stop of a server": lambda: self._place.stop_server(number),
            "kill -9 of a worker": lambda: self._place.kill_worker(number),
            "graceful stop of a worker": lambda: self._place.stop_worker(number),
            "crash of Postgres": self._place.crash_postgres,
            "restart of Postgres": self._place.restart_postgres,
            "Redis killed": lambda: self._place.kill_redis(away),
            "Redis paused": lambda: self._place.pause_redis(away),
            "store away": lambda: self._place.lose_store(away, self._random, STORE_SHARE),
        }
        name = self._random.choice(sorted(faults))
        print(f"{self._journal.at()} {name}", flush=True)
        try:
            faults[name]()
        except AssertionError as wrong:
            self._journal.breach(f"{name}: {wrong}")
            raise
        self._journal.faults[name] += 1

"""What happened: how often everything was done, what went wrong, and what must never happen."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Journal:
    """Written to by several threads. `breaches` are promises that were broken."""

    done: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self) -> str:
        seconds = int(time.monotonic() - self._began)
        return f"{seconds // 60:02}:{seconds % 60:02}"

    def breach(self, what: str) -> None:
        with self._lock:
            self.breaches.append(f"{self.at()} {what}")
        print(f"{self.at()} BREACH {what}", flush=True)

    def check(self, what: str, *wrong: object) -> None:
        """A comparison that found these; none is well."""
        told = "" if not wrong else f": {len(wrong)}, such as {', '.join(map(str, wrong[:5]))}"
        print(f"{self.at()} {'ok    ' if not wrong else 'BREACH'} {what}{told}", flush=True)
        self.done["checks"] += 1
        if wrong:
            self.breaches.append(f"{self.at()} {what}{told}")

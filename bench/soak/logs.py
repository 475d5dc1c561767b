"""Lines of the processes' logs that nobody should have to read."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

# What faults of the kinds that are made may cause, and no more than a line of it each.
_GREETING = ("photostore listens", "documentation", "Try it", "Ctrl-C", "curl ", "TOKEN=")
_EXPECTED: dict[str, str] = {}


def unexpected(logs: Sequence[Path]) -> list[str]:
    """Errors, and whatever is no line of a log, by how often."""
    found: Counter[str] = Counter()
    for path in logs:
        found.update(_told(path))
    return [f"{number} x {line}" for line, number in found.most_common()]


def _told(path: Path) -> Iterator[str]:
    for line in path.read_text(errors="replace").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            if line.lstrip().startswith(_GREETING) or not line.strip():
                continue
            yield f"{path.name}: {line[:200]}"
            continue
        event, level = str(told.get("event")), str(told.get("level", ""))
        if level in ("error", "critical") and event not in _EXPECTED:
            more = str(told.get("reason") or told.get("exception") or told.get("error") or "")
            yield f"{event}: {more[-300:]}"

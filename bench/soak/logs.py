"""Lines of the processes' logs that nobody should have to read."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

# What servers print for people when they start.
_GREETING = ("photostore listens", "documentation", "Try it", "Ctrl-C", "curl ", "TOKEN=")
# What the faults that are made must cause: how the line begins, and what stands in it. A transfer that breaks off midway, by
# a fault of the store or the end of the server, is ended by an exception, since that is how uvicorn breaks a connection; the
# queue's own library tells of each write that it tries again.
_EXPECTED = {
    "Exception in ASGI application": ("BlobStoreUnavailable", "timeout graceful shutdown exceeded"),
    "Cancel ": ("timeout graceful shutdown exceeded",),
    "Flush failed, requeuing": (
        "CannotConnectNowError",
        "Connect",
        "InterfaceError",
        "InternalClientError",
        "Shutdown",
    ),
}


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
        if level in ("error", "critical") and not _is_expected(event, line):
            more = str(told.get("reason") or told.get("exception") or told.get("error") or "")
            yield f"{event}: {more[-300:]}"


def _is_expected(event: str, line: str) -> bool:
    return any(event.startswith(begins) and any(each in line for each in told) for begins, told in _EXPECTED.items())

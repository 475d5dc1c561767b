"""What an examination finds."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`warning` works, but not as it should; `skipped` was not tried, for the reason that is told."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was tried. `fix` is what to do about it, of whatever is not well."""

    part: str
    check: str
    state: State
    told: str
    fix: str | None = None


Findings = AsyncIterator[Finding]
Examine = Callable[[], Findings]


@dataclass(frozen=True, slots=True)
class Part:
    """The findings of one part, said briefly."""

    name: str

    def ok(self, check: str, told: str) -> Finding:
        return Finding(part=self.name, check=check, state=State.OK, told=told)

    def warning(self, check: str, told: str, fix: str) -> Finding:
        return Finding(part=self.name, check=check, state=State.WARNING, told=told, fix=fix)

    def failed(self, check: str, told: str, fix: str) -> Finding:
        return Finding(part=self.name, check=check, state=State.FAILED, told=told, fix=fix)

    def skipped(self, check: str, told: str) -> Finding:
        return Finding(part=self.name, check=check, state=State.SKIPPED, told=told)

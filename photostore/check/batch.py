"""How far a step of a check has come in one go."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.check.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was found, and the place up to which everything of the step was looked at."""

    findings: Sequence[Finding]
    place: str
    photos: int = 0
    bytes_read: int = 0

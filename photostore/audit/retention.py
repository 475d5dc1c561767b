"""For how long the audit log is kept."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """Chosen by whoever runs the service; `None` is for good."""

    retention: timedelta | None

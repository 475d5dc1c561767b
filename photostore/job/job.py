"""A piece of work for later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to do, as data. `name` chooses the use case, `arguments` are its arguments as JSON values.

    A job may run twice, with the same outcome. Those of higher `priority` go first. While one with the same
    `dedupe_key` waits, no second one is enqueued. It is not done before `delay` has passed.
    """

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    priority: int = 0
    dedupe_key: str | None = None
    delay: timedelta = timedelta(0)

"""How a part of the service tells that it works."""

from abc import abstractmethod
from typing import Protocol


class Degraded(Exception):
    """The part answers in a way: what is asked most of it works, and the rest does not. The service stays ready."""


class HealthCheck(Protocol):
    """One part that readiness asks. `name` is how it is called in the answer: `database`, `storage`, `jobs`."""

    name: str

    @abstractmethod
    async def check(self) -> None:
        """Really ask the part; raise whatever went wrong, or `Degraded`. The caller bounds the time."""

"""How a part of the service tells that it works."""

from abc import abstractmethod
from typing import Protocol


class HealthCheck(Protocol):
    """One part that readiness asks. `name` is how it is called in the answer: `database`, `storage`, `jobs`."""

    name: str
    vital: bool = True
    """Whether the service can do nothing without it. What is not vital is told, and the service is ready all the same."""

    @abstractmethod
    async def check(self) -> None:
        """Really ask the part; raise whatever went wrong. The caller bounds the time."""

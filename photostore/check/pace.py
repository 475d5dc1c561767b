"""How fast a check goes."""

from abc import abstractmethod
from typing import Protocol


class Pace(Protocol):
    """Whoever looks at things says so, and waits as long as this takes."""

    @abstractmethod
    async def looked_at(self, photos: int) -> None: ...

    @abstractmethod
    async def read(self, byte_size: int) -> None: ...


class Unhurried(Pace):
    """As fast as it goes."""

    async def looked_at(self, photos: int) -> None:
        return None

    async def read(self, byte_size: int) -> None:
        return None

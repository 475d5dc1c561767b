"""What the hashtag room asks of the world to write."""

from abc import abstractmethod
from typing import Protocol

from photostore.hashtag.hashtag import Hashtag


class HashtagRepository(Protocol):
    @abstractmethod
    async def add(self, hashtag: Hashtag) -> None:
        """Raise `HashtagExists` when the name is taken."""

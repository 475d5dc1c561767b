"""What archives keep."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Checksum:
    """The CRC-32 of a photo's original."""

    owner_id: UUID
    photo_id: UUID
    crc32: int


class Crc32(Protocol):
    """CRC-32 as ZIP has it (ISO 3309): of these bytes, or of those whose sum is `value` with these behind them."""

    @abstractmethod
    def __call__(self, data: bytes, value: int = 0, /) -> int: ...


class ChecksumRepository(Protocol):
    @abstractmethod
    async def keep(self, checksums: Sequence[Checksum]) -> None:
        """So that no archive need read these photos for it again. It waits for nobody: a photo that is gone, or that
        another transaction holds just now, is passed over."""

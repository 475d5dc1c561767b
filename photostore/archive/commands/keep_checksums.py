"""Keep what an archive has found out."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.archive.ports import Checksum, ChecksumRepository
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class KeepChecksums:
    """Keep the CRC-32 of originals that an archive has read, so that going on with one need not read them again."""

    checksums: ChecksumRepository
    unit_of_work: UnitOfWork

    async def __call__(self, *, checksums: Sequence[Checksum]) -> None:
        async with self.unit_of_work:
            await self.checksums.keep(checksums)

"""What a look for unreferenced blobs finds, and which one it was."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many unreferenced blobs and unfinished multipart uploads were found and removed."""

    blobs: int
    multiparts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepToken:
    """Of one sweep of a database. Two states of the same database may come to the same number, and never to the same nonce."""

    number: int
    nonce: UUID

"""What a look for unreferenced blobs finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many unreferenced blobs and unfinished multipart uploads were found and removed."""

    blobs: int
    multiparts: int

"""Where each byte of an archive lies, known before any of them is read."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence

from photostore.archive.zip_format import ZipEntry, end_records


class ZipPlan:
    """A ZIP file of entries whose sizes are known: `offsets` tells where each begins."""

    def __init__(self, entries: Sequence[ZipEntry]) -> None:
        self.entries = entries
        self.offsets = array("Q")
        self.directory_bytes = position = 0
        for entry in entries:
            self.offsets.append(position)
            self.directory_bytes += entry.record_bytes(position)
            position += entry.total_bytes
        self.directory_offset = position
        self.end = end_records(count=len(entries), directory_offset=position, directory_bytes=self.directory_bytes)
        self.byte_size = position + self.directory_bytes + len(self.end)

    def entry_at(self, offset: int) -> int:
        """The number of the last entry that begins at or before `offset`."""
        return bisect_right(self.offsets, offset) - 1

"""How a file is cut into parts for the store."""

from collections.abc import Iterator
from dataclasses import dataclass

from photostore.shared.blobs import MAX_PARTS, MIN_PART_BYTES
from photostore.shared.errors import FieldError
from photostore.upload.errors import UploadInvalid, UploadTooLarge

_MIB = 1 << 20
SINGLE_BYTES = 64 * _MIB
SMALLEST_PART, LARGEST_PART = 16 * _MIB, 64 * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`byte_size` bytes of the file from `offset`; `number` counts from 1."""

    number: int
    offset: int
    byte_size: int


def part_bytes(byte_size: int) -> int:
    """How large the parts of a file are: all in one up to 64 MiB, else 16 to 64 MiB, 10,000 at most.

    Raise `UploadTooLarge` for what so many parts cannot hold.
    """
    if byte_size <= SINGLE_BYTES:
        return byte_size
    needed = -(-byte_size // MAX_PARTS)
    if needed > LARGEST_PART:
        most = MAX_PARTS * LARGEST_PART
        raise UploadTooLarge("No store takes so much.", errors=[FieldError("byte_size", f"at most {most} bytes")])
    return max(SMALLEST_PART, -(-needed // _MIB) * _MIB)


def checked_part_bytes(wanted: int, byte_size: int) -> int:
    """The size that a sender cuts the parts of a file to. Raise `UploadInvalid` where stores do not take such parts."""
    least = max(MIN_PART_BYTES, -(-byte_size // MAX_PARTS))
    if not least <= wanted <= LARGEST_PART:
        errors = [FieldError("part_bytes", f"must be {least} to {LARGEST_PART}")]
        raise UploadInvalid("Stores do not take the file in such parts.", errors=errors)
    return wanted


def cut(byte_size: int, part_bytes: int) -> Iterator[Part]:
    """The parts of a file; each but the last has `part_bytes`."""
    for number, offset in enumerate(range(0, byte_size, part_bytes), start=1):
        yield Part(number=number, offset=offset, byte_size=min(part_bytes, byte_size - offset))

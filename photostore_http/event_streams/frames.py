"""What goes over the wire: `text/event-stream`, as the HTML standard of WHATWG has it."""

from collections.abc import Iterable
from secrets import randbelow

import msgspec

from photostore_http.change_documents import Change

HEARTBEAT = b":\n\n"
# Clients that are cut off together, as by a restart, come again one by one.
_FIRST_RETRY_MS, _LAST_RETRY_MS = 1_000, 5_000
# Large enough to be worth a write, and far below what a connection holds for a client that does not read.
_CHUNK_BYTES = 16_384

_encode = msgspec.json.Encoder().encode


def hello(seq: int) -> bytes:
    """Where the client is, before anything happened: should it be cut off now, it comes again with this number."""
    return b": told from here on\nretry: %d\nid: %d\n\n" % (_retry_ms(), seq)


def event(change: Change) -> bytes:
    """JSON has no line feed outside its strings, and none in them."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (change.seq, change.event.encode(), _encode(change))


def farewell(reason: str) -> bytes:
    return b": %s\nretry: %d\n\n" % (reason.encode(), _retry_ms())


def chunked(frames: Iterable[bytes]) -> list[bytes]:
    """Joined, but none torn apart: whatever was sent of them is whole events."""
    chunks: list[bytes] = []
    gathered: list[bytes] = []
    size = 0
    for frame in frames:
        if gathered and size + len(frame) > _CHUNK_BYTES:
            chunks.append(b"".join(gathered))
            gathered, size = [], 0
        gathered.append(frame)
        size += len(frame)
    if gathered:
        chunks.append(b"".join(gathered))
    return chunks


def _retry_ms() -> int:
    return _FIRST_RETRY_MS + randbelow(_LAST_RETRY_MS - _FIRST_RETRY_MS)

"""Changes as they are told on the channel."""

from datetime import datetime
from uuid import UUID

import msgspec

# On the channel some events of the feed have another name.
NAMES = {"photo.created": "photo.uploaded"}


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`id` is the thing's, `title` what people call it: a photo's title, an album's or hashtag's name, an upload's filename;
    null where it has none, or is gone. `change` is what the feed calls the event; `event_id` and `seq` are the feed's."""

    event: str
    id: UUID
    title: str | None
    owner_id: UUID
    seq: int
    occurred_at: datetime
    event_id: UUID
    entity: str
    change: str


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Message)


def payload_of(message: Message) -> bytes:
    return _ENCODER.encode(message)


def message_in(payload: bytes) -> Message:
    """Raise `ValueError` for what is none."""
    return _DECODER.decode(payload)

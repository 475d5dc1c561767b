"""Changes as they are told on the channel."""

from datetime import datetime
from uuid import UUID

import msgspec

from photostore_adapters.postgres.change_outbox import UntoldChange

# On the channel some events of the feed have another name.
_NAMES = {"photo.created": "photo.uploaded"}


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`id` is the thing's, `title` what people call it: a photo's title, an album's or hashtag's name, an upload's filename.
    `change` is what the feed calls the event; `event_id` and `seq` are the feed's."""

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


def message_of(change: UntoldChange) -> bytes:
    return _ENCODER.encode(
        Message(
            event=_NAMES.get(change.event, change.event),
            id=change.entity_id,
            title=change.title,
            owner_id=change.owner_id,
            seq=change.seq,
            occurred_at=change.occurred_at,
            event_id=change.event_id,
            entity=change.entity,
            change=change.event,
        )
    )


def message_in(payload: bytes) -> Message:
    """Raise `msgspec.DecodeError` for what is none."""
    return _DECODER.decode(payload)

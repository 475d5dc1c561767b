"""Which changes a webhook is told."""

from collections.abc import Mapping, Sequence

from photostore.event.change import Entity, Happening
from photostore.shared.errors import FieldError
from photostore.webhook.errors import WebhookInvalid

PING = "webhook.ping"
_HAPPENINGS: Mapping[Entity, Sequence[Happening]] = {
    Entity.PHOTO: (
        Happening.CREATED,
        Happening.UPDATED,
        Happening.TRASHED,
        Happening.RESTORED,
        Happening.DELETED,
    ),
    Entity.ALBUM: (Happening.CREATED, Happening.UPDATED, Happening.DELETED),
    Entity.HASHTAG: (Happening.CREATED,),
    Entity.UPLOAD: (
        Happening.CREATED,
        Happening.COMPLETED,
        Happening.ABORTED,
        Happening.EXPIRED,
        Happening.REJECTED,
    ),
}
# Every event of the change feed by its name.
EVENTS = tuple(f"{entity}.{happening}" for entity, happenings in _HAPPENINGS.items() for happening in happenings)
KINDS = tuple(f"{entity}.*" for entity in _HAPPENINGS)


def chosen(events: Sequence[str] | None) -> tuple[str, ...] | None:
    """Each once, in the order in which they are listed; `None` is all. Raise `WebhookInvalid`."""
    if events is None:
        return None
    unknown = [each for each in events if each not in (*EVENTS, *KINDS)]
    if unknown or not events:
        message = f"must be names such as photo.created or photo.*, of {', '.join((*EVENTS, *KINDS))}"
        raise WebhookInvalid("There are no such events.", errors=[FieldError("events", message)])
    return tuple(each for each in (*KINDS, *EVENTS) if each in events)


def is_chosen(event: str, events: Sequence[str] | None) -> bool:
    return events is None or event in events or f"{event.partition('.')[0]}.*" in events

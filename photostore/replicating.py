"""What an event leaves to be done in the replicas. Whoever publishes events writes this down in the same transaction."""

from collections.abc import Sequence

from photostore.photo.events import PhotoCreated, PhotoDeleted
from photostore.replica.task import Action, Plan
from photostore.shared.aggregate import Event


def plans_caused_by(events: Sequence[Event], stores: Sequence[str]) -> list[Plan]:
    """New originals are copied to each store, deleted ones deleted from it. What never became a photo was never copied."""
    if not stores:
        return []
    return [plan for event in events for plan in _plans(event, stores)]


def _plans(event: Event, stores: Sequence[str]) -> list[Plan]:
    match event:
        case PhotoCreated(owner_id=owner, photo_id=photo):
            action, key = Action.COPY, None
        case PhotoDeleted(owner_id=owner, photo_id=photo, blob_key=told):
            action, key = Action.DELETE, told
        case _:
            return []
    return [Plan(at=event.at, owner_id=owner, photo_id=photo, store=store, action=action, key=key) for store in stores]

"""The trash: what a bulk call did to each photo, and how long the trash is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from photostore.shared.ids import PhotoId


class TrashStatus(StrEnum):
    """`unchanged` was as it was wanted before; `not_trashed` can only be deleted from the trash; `not_found` is absent or
    someone else's."""

    TRASHED = "trashed"
    RESTORED = "restored"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    NOT_TRASHED = "not_trashed"
    NOT_FOUND = "not_found"


@dataclass(slots=True)
class TrashResult:
    id: UUID
    status: TrashStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashPolicy:
    """Photos stay in the trash for `retention`; then they are deleted for good."""

    retention: timedelta


def results(
    photo_ids: Sequence[PhotoId], done: Mapping[PhotoId, TrashStatus], *, again: TrashStatus
) -> list[TrashResult]:
    """In the order asked. An id that is there twice is told `again` the second time, where the first did something."""
    told, seen = list[TrashResult](), set[PhotoId]()
    for photo_id in photo_ids:
        status = done.get(photo_id, TrashStatus.NOT_FOUND)
        acted = status in (TrashStatus.TRASHED, TrashStatus.RESTORED, TrashStatus.DELETED)
        told.append(TrashResult(photo_id, again if acted and photo_id in seen else status))
        seen.add(photo_id)
    return told

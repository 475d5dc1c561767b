"""What is to be done in a store, and how a store is."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId

# The walk begins anew after so long: what went missing in a store meanwhile is copied again.
WALK_AGAIN = timedelta(days=7)
# Nobody looked after it for so long: photos may have been made by processes that knew nothing of it.
UNSEEN = timedelta(hours=1)
# A store that fails is tried again after 1, 2, 4 ... seconds, at most:
LONGEST_REST = timedelta(minutes=5)


class Action(StrEnum):
    COPY = "copy"
    """Look whether it is there, of the right size; else copy it."""
    MEND = "mend"
    """Read what is there; unless it is right, copy it."""
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A photo's bytes, as its row knows them."""

    owner_id: UserId
    photo_id: PhotoId
    key: BlobKey
    byte_size: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a transaction leaves to be done since `at`. `key` is told of what is deleted; of all else the photo knows it."""

    at: datetime
    owner_id: UserId
    photo_id: PhotoId
    store: str
    action: Action
    key: BlobKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Plan):
    """One that is due. `original` is `None` when the photo is gone."""

    attempts: int
    original: Original | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The last photo that a walk looked at. Walks go by owner and id."""

    owner_id: UserId
    photo_id: PhotoId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaState:
    """What is remembered of one store. The primary has one too: it is mended, and never walked over."""

    store: str
    seen_at: datetime
    adopted_at: datetime | None = None
    place: Place | None = None
    walked: int = 0
    walking: bool = False
    walk_began_at: datetime | None = None
    walk_ended_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    failure: str | None = None
    retry_at: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Whether it failed a moment ago, and is to be left alone."""
        return self.retry_at is not None and self.retry_at > now

    def failed(self, reason: str, now: datetime) -> "ReplicaState":
        rest = min(timedelta(seconds=2 ** min(self.failures, 20)), LONGEST_REST)
        return replace(
            self,
            seen_at=now,
            failing_since=self.failing_since or now,
            failures=self.failures + 1,
            failure=reason,
            retry_at=now + rest,
        )

    def answered(self, now: datetime) -> "ReplicaState":
        return replace(self, seen_at=now, failing_since=None, failures=0, failure=None, retry_at=None)

    def needs_walk(self, now: datetime) -> bool:
        """Whether one is under way, or it is time for another."""
        if self.walking or self.walk_ended_at is None or self.walk_began_at is None:
            return True
        return now - self.walk_began_at > WALK_AGAIN

    def walk_begun(self, now: datetime) -> "ReplicaState":
        return replace(self, place=None, walked=0, walking=True, walk_began_at=now)

    def walked_on(self, place: Place, photos: int) -> "ReplicaState":
        return replace(self, place=place, walked=self.walked + photos)

    def walk_ended(self, now: datetime) -> "ReplicaState":
        return replace(self, place=None, walking=False, walk_ended_at=now)

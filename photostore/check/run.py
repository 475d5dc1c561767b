"""One check of the library: what it covers, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from photostore.shared.ids import UserId

# What was found longer ago is looked for anew before anything is mended.
PLAN_LIVES = timedelta(days=1)


class Step(StrEnum):
    """In this order. `done` is when all was looked at."""

    PHOTOS = "photos"
    LEFTOVERS = "leftovers"
    OWNERS = "owners"
    HASHTAGS = "hashtags"
    CHECKSUMS = "checksums"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckScope:
    """Of one owner, or of all; `checksums` is whether originals are read in full."""

    owner: UserId | None = None
    checksums: bool = False

    def steps(self) -> list[Step]:
        left_out = set[Step]()
        if self.owner is not None:
            # Leftovers are nobody's, and a hashtag's count is everybody's.
            left_out |= {Step.LEFTOVERS, Step.HASHTAGS}
        if not self.checksums:
            left_out.add(Step.CHECKSUMS)
        return [step for step in Step if step not in left_out]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """`place` is the last thing of `step` that was looked at, by its own kind of name. `photos` counts those that were looked
    at, `bytes_read` those of originals. `mended` is whether all that was found has been dealt with."""

    scope: CheckScope
    started_at: datetime
    moved_at: datetime
    step: Step = Step.PHOTOS
    place: str | None = None
    photos: int = 0
    bytes_read: int = 0
    mended: bool = False

    def moved(self, *, place: str, photos: int, bytes_read: int, now: datetime) -> "CheckRun":
        return replace(
            self, place=place, photos=self.photos + photos, bytes_read=self.bytes_read + bytes_read, moved_at=now
        )

    def at_next_step(self, *, now: datetime) -> "CheckRun":
        steps = self.scope.steps()
        return replace(self, step=steps[steps.index(self.step) + 1], place=None, moved_at=now)

    def can_go_on(self, scope: CheckScope, *, repair: bool, now: datetime) -> bool:
        """Whether a check of that scope goes on with this one. One that is done is of use to whoever repairs, for a while."""
        if self.scope != scope or self.mended:
            return False
        return self.step is not Step.DONE or (repair and now - self.moved_at <= PLAN_LIVES)

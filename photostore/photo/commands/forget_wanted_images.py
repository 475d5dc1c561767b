"""Forget images that were asked for some time ago."""

from dataclasses import dataclass
from datetime import timedelta

from photostore.photo.ports import WantedImages
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork

KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ForgetWantedImages:
    """They were made, and nobody noticed; or they could not be made, and may be tried again."""

    wanted: WantedImages
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> None:
        async with self.unit_of_work:
            await self.wanted.forget(before=self.clock.now() - KEPT)

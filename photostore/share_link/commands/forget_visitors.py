"""Forget who came yesterday; their number stays."""

from dataclasses import dataclass

from photostore.share_link.ports import ShareCounter
from photostore.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class ForgetVisitors:
    counter: ShareCounter
    clock: Clock

    async def __call__(self) -> None:
        await self.counter.forget_visitors(now=self.clock.now())

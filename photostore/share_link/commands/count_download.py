"""Somebody takes an original, or many in one archive."""

from dataclasses import dataclass

from photostore.share_link.gate import Share
from photostore.share_link.ports import ShareCounter
from photostore.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class CountDownload:
    counter: ShareCounter
    clock: Clock

    async def __call__(self, share: Share) -> None:
        await self.counter.download(share.link, now=self.clock.now())

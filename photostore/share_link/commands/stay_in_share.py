"""Stay in a share: what takes long to give asks again and again whether it may still be given."""

from dataclasses import dataclass

from photostore.share_link.errors import ShareNotFound
from photostore.share_link.gate import Share, Unlocked, admit
from photostore.share_link.queries import ShareQueries
from photostore.share_link.tokens import token_digest
from photostore.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class StayInShare:
    """The share as it is now, for whoever was let in before. Raise as `EnterShare`, and `ShareNotFound` where what was given
    out then has ended: the link may open still, but for less. An unlock that ran out meanwhile ends nothing."""

    shares: ShareQueries
    clock: Clock

    async def __call__(self, *, token: str, begun: Share) -> Share:
        link = await self.shares.find(token_digest(token))
        unlocked = Unlocked(link_id=begun.link.id, generation=begun.link.generation)
        share = admit(link, now=self.clock.now(), unlocked=unlocked)
        if share.link.generation != begun.link.generation:
            raise ShareNotFound("The share was changed.")
        return share

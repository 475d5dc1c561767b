"""Trade a link's password for a token."""

from dataclasses import dataclass

from photostore.share_link.errors import TooManyPasswords, WrongSharePassword
from photostore.share_link.gate import Unlocked, knock
from photostore.share_link.policy import SharePolicy
from photostore.share_link.ports import ShareUnlocks
from photostore.share_link.queries import SharedLink, ShareQueries
from photostore.share_link.tokens import token_digest
from photostore.shared.clock import Clock
from photostore.shared.rate_limits import RateLimit, RateLimiter, RateState
from photostore.user.passwords import LONGEST
from photostore.user.ports import PasswordHasher


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareUnlock:
    access_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class UnlockShare:
    """Raise as `knock`, `WrongSharePassword`, the same for a link that has none, or `TooManyPasswords`.

    Failures are looked at before the password and again after it: of many guesses at once none learns more than the
    limit allows.
    """

    shares: ShareQueries
    passwords: PasswordHasher
    unlocks: ShareUnlocks
    rate_limiter: RateLimiter
    policy: SharePolicy
    clock: Clock

    async def __call__(self, *, token: str, password: str, network: str) -> ShareUnlock:
        link = knock(await self.shares.find(token_digest(token)), now=self.clock.now())
        failures = [(f"share-password:{link.id}:{network}:{rate.window}", rate) for rate in self.policy.patience]
        _refuse_if_exceeded([await self.rate_limiter.look(key, rate) for key, rate in failures])
        if not await self.passwords.verify(password[:LONGEST], link.password_hash):
            _refuse_if_exceeded([await self.rate_limiter.hit(key, rate) for key, rate in failures])
            raise WrongSharePassword("The password is wrong.")
        _refuse_if_exceeded([await self.rate_limiter.look(key, rate) for key, rate in failures])
        return self._unlocked(link)

    def _unlocked(self, link: SharedLink) -> ShareUnlock:
        now = self.clock.now()
        ends = now + self.policy.unlock_lifetime
        expires_at = ends if link.expires_at is None else min(ends, link.expires_at)
        unlocked = Unlocked(link_id=link.id, generation=link.generation)
        token = self.unlocks.issue(unlocked, now=now, expires_at=expires_at)
        return ShareUnlock(access_token=token, expires_in=int((expires_at - now).total_seconds()))


def _refuse_if_exceeded(states: list[RateState]) -> None:
    exceeded = [state for state in states if state.exceeded]
    if exceeded:
        longest = max(exceeded, key=lambda state: state.reset_seconds)
        rate: RateLimit = longest.rate
        raise TooManyPasswords(
            f"At most {rate.limit} wrong passwords are allowed in {rate.window} seconds.",
            retry_after=longest.reset_seconds,
            limit=rate.limit,
            window=rate.window,
        )

"""Trade a refresh token for new tokens."""

from dataclasses import dataclass

from photostore.shared.clock import Clock, Secrets
from photostore.shared.rate_limits import RateLimiter
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.commands.open_session import SignedIn
from photostore.user.errors import InvalidToken, RefreshTokenReused, SessionNotFound, TooManySignIns, UserNotFound
from photostore.user.policy import AccountPolicy
from photostore.user.ports import AccessTokens, SessionRepository, UserRepository
from photostore.user.queries import LiveCredentials
from photostore.user.session import Session
from photostore.user.tokens import REFRESH_SECRET_SIZE, RefreshToken


@dataclass(frozen=True, slots=True)
class RefreshSession:
    """Rotate the refresh token (RFC 9700, 4.14.2).

    Raise `InvalidToken`, `TooManySignIns`, or `RefreshTokenReused` for a spent one.

    Of two uses of one token at the same time one wins, and the other counts as reuse.
    """

    users: UserRepository
    sessions: SessionRepository
    live_credentials: LiveCredentials
    access_tokens: AccessTokens
    rate_limiter: RateLimiter
    clock: Clock
    secrets: Secrets
    policy: AccountPolicy
    unit_of_work: UnitOfWork

    async def __call__(self, *, refresh_token: str) -> SignedIn:
        presented = RefreshToken.unpack(refresh_token)
        current = self.secrets.token(REFRESH_SECRET_SIZE)
        async with self.unit_of_work:
            await self._session_of(presented)
        # Only now: counting for whoever merely knows the account's id would let them lock it out.
        await self._demand_few(presented)
        if not await self._rotate(presented, current):
            await self._revoke(presented)
            raise RefreshTokenReused("This refresh token was used before. Sign in again.")
        access = self.access_tokens.issue(
            user_id=presented.user_id, session_id=presented.session_id, now=self.clock.now()
        )
        token = RefreshToken(
            user_id=presented.user_id, session_id=presented.session_id, family=presented.family, current=current
        )
        return SignedIn(access_token=access.token, expires_in=access.expires_in, refresh_token=token.pack())

    async def _demand_few(self, presented: RefreshToken) -> None:
        rate = self.policy.refreshes_per_account
        state = await self.rate_limiter.hit(f"refresh:{presented.user_id}", rate)
        if state.exceeded:
            raise TooManySignIns(
                f"At most {rate.limit} refreshes of one account are allowed in {rate.window} seconds.",
                retry_after=state.reset_seconds,
                limit=rate.limit,
                window=rate.window,
            )

    async def _rotate(self, presented: RefreshToken, current: bytes) -> bool:
        """Whether the presented token was the current one, which it then no longer is."""
        now = self.clock.now()
        async with self.unit_of_work:
            session = await self._session_of(presented)
            if not session.is_current(presented.current):
                return False
            session.rotate(current, now=now, expires_at=now + self.policy.session_lifetime)
            await self.sessions.save(session)
        return True

    async def _session_of(self, presented: RefreshToken) -> Session:
        try:
            session = await self.sessions.get(presented.session_id, owner=presented.user_id)
            user = await self.users.get(presented.user_id)
        except (SessionNotFound, UserNotFound):
            raise InvalidToken("The session has ended. Sign in again.") from None
        good = session.is_family(presented.family) and session.is_live(now=self.clock.now()) and user.is_active
        if not good:
            raise InvalidToken("The session has ended. Sign in again.")
        return session

    async def _revoke(self, presented: RefreshToken) -> None:
        async with self.unit_of_work:
            session = await self.sessions.get(presented.session_id, owner=presented.user_id)
            session.revoke(now=self.clock.now())
            await self.sessions.save(session)
        self.live_credentials.forget(presented.user_id)

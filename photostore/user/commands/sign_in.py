"""Sign in with the address and password of a local account."""

from dataclasses import dataclass

from photostore.shared.rate_limits import RateLimit, RateLimiter
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.commands.open_session import Client, OpenSession, SignedIn
from photostore.user.email import EmailAddress, email_address
from photostore.user.errors import InvalidCredentials, TooManySignIns, UserInvalid
from photostore.user.passwords import LONGEST
from photostore.user.policy import AccountPolicy
from photostore.user.ports import PasswordHasher, UserRepository
from photostore.user.user import User


@dataclass(frozen=True, slots=True)
class SignIn:
    """Raise `InvalidCredentials`, the same for a wrong password and an unknown address, or `TooManySignIns`.

    A try counts as failed before it is made, and is taken back when it succeeds: parallel guesses all count.
    """

    users: UserRepository
    passwords: PasswordHasher
    rate_limiter: RateLimiter
    open_session: OpenSession
    policy: AccountPolicy
    unit_of_work: UnitOfWork

    async def __call__(self, *, email: str, password: str, client: Client) -> SignedIn:
        self.policy.demand_local_accounts()
        by_address = f"sign-in-failed:{client.ip_address}"
        by_account = f"sign-in-failed:{email.strip().casefold()[:254]}"
        await self._count(by_address, self.policy.failed_sign_ins_per_address)
        await self._count(by_account, self.policy.failed_sign_ins_per_account)
        user = await self._authenticate(email, password)
        async with self.unit_of_work:
            signed_in = await self.open_session(user=user, client=client)
        await self.rate_limiter.forgive(by_address)
        await self.rate_limiter.forgive(by_account)
        return signed_in

    async def _count(self, key: str, rate: RateLimit) -> None:
        state = await self.rate_limiter.hit(key, rate)
        if state.exceeded:
            raise TooManySignIns(
                f"At most {rate.limit} failed sign-ins are allowed in {rate.window} seconds.",
                retry_after=state.reset_seconds,
                limit=rate.limit,
                window=rate.window,
            )

    async def _authenticate(self, email: str, password: str) -> User:
        user = await self._find(email)
        matches = await self.passwords.verify(password[:LONGEST], user.password_hash if user else None)
        if user is None or not matches or not user.is_active:
            raise InvalidCredentials("The address or the password is wrong.")
        return user

    async def _find(self, email: str) -> User | None:
        try:
            address: EmailAddress = email_address(email)
        except UserInvalid:
            return None
        async with self.unit_of_work:
            return await self.users.find_local(address)

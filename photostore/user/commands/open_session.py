"""Begin a session for a user who has just proved who they are."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from photostore.shared.clock import Clock, Ids, Secrets
from photostore.shared.ids import SessionId
from photostore.user.policy import AccountPolicy
from photostore.user.ports import AccessTokens, SessionRepository
from photostore.user.session import Session, digest
from photostore.user.tokens import REFRESH_SECRET_SIZE, RefreshToken
from photostore.user.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The program at the other end, as it tells of itself: for the list of sessions and for counting tries."""

    ip_address: str
    user_agent: str | None

    @property
    def network(self) -> str:
        return network_of(self.ip_address)


def network_of(address: str) -> str:
    """Whom to count for: an IPv4 address, or the /64 of an IPv6 address, all of which one subscriber has for the asking."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a client gets to hold: `expires_in` in seconds is the access token's."""

    access_token: str
    expires_in: int
    refresh_token: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A fresh session at each sign-in, so that none made before can be planted on a user. Within a transaction."""

    sessions: SessionRepository
    access_tokens: AccessTokens
    clock: Clock
    ids: Ids
    secrets: Secrets
    policy: AccountPolicy

    async def __call__(self, *, user: User, client: Client) -> SignedIn:
        now = self.clock.now()
        family, current = self.secrets.token(REFRESH_SECRET_SIZE), self.secrets.token(REFRESH_SECRET_SIZE)
        session = Session(
            id=SessionId(self.ids.new()),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + self.policy.session_lifetime,
            family_digest=digest(family),
            current_digest=digest(current),
            user_agent=client.user_agent[:500] if client.user_agent else None,
            ip_address=client.ip_address,
        )
        await self.sessions.add(session)
        access = self.access_tokens.issue(user_id=user.id, session_id=session.id, now=now)
        refresh = RefreshToken(user_id=user.id, session_id=session.id, family=family, current=current)
        return SignedIn(access_token=access.token, expires_in=access.expires_in, refresh_token=refresh.pack())

"""Time, ids, secrets, passwords and tokens without a machine: the same in each run."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

from photostore.shared.blobs import BlobKey
from photostore.shared.clock import Ids, Secrets
from photostore.shared.ids import SessionId, UserId
from photostore.shared.media import MediaGrant, MediaUrlInvalid, MediaUrls
from photostore.user.attempts import LIFETIME_SECONDS, PendingSignIn, PendingSignIns
from photostore.user.errors import InvalidToken
from photostore.user.identity_provider import SignInRefused
from photostore.user.ports import AccessToken, AccessTokens, PasswordHasher
from photostore_testing.clock import StoppedClock

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ACCESS_TOKEN_SECONDS = 900
MEDIA_URL_SECONDS = 3600

# One row of numbers for all: what a builder made never has the id of what a use case made.
_numbers = count(1)


def new_id() -> UUID:
    """A UUID of version 7 that sorts after all those made before."""
    number = next(_numbers)
    milliseconds = int(NOW.timestamp() * 1000) + number
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | number)


class FakeClock(StoppedClock):
    def __init__(self, now: datetime = NOW) -> None:
        super().__init__(now)


class FakeIds(Ids):
    def new(self) -> UUID:
        return new_id()


class FakeSecrets(Secrets):
    """Another secret each time, the same ones in each run."""

    def __init__(self) -> None:
        self._made = count(1)

    def token(self, size: int) -> bytes:
        return sha256(f"secret {next(self._made)}".encode()).digest().ljust(size, b"\x00")[:size]


class FakePasswordHasher(PasswordHasher):
    """`verified` counts the verifications: also those of nobody's password."""

    def __init__(self) -> None:
        self.verified = 0

    async def hash(self, password: str) -> str:
        return f"hash of {password}"

    async def verify(self, password: str, password_hash: str | None) -> bool:
        self.verified += 1
        return password_hash == f"hash of {password}"


class FakeAccessTokens(AccessTokens):
    def __init__(self) -> None:
        self._issued: dict[str, tuple[UserId, SessionId, datetime]] = {}

    def issue(self, *, user_id: UserId, session_id: SessionId, now: datetime) -> AccessToken:
        token = f"access-token-{len(self._issued) + 1}"
        self._issued[token] = (user_id, session_id, now + timedelta(seconds=ACCESS_TOKEN_SECONDS))
        return AccessToken(token=token, expires_in=ACCESS_TOKEN_SECONDS)

    def read(self, token: str, *, now: datetime) -> tuple[UserId, SessionId]:
        if token not in self._issued:
            raise InvalidToken("the token is none of the test's")
        user_id, session_id, expires_at = self._issued[token]
        if now >= expires_at:
            raise InvalidToken("the token has expired")
        return user_id, session_id

    def end_of(self, token: str, *, now: datetime) -> datetime:
        self.read(token, now=now)
        return self._issued[token][2]


class FakeMediaUrls(MediaUrls):
    """URLs of the real shape, and a signature that anyone can make."""

    def __init__(self, *, base_url: str = "http://photos.test") -> None:
        self._base_url = base_url

    def expiry(self, now: datetime) -> datetime:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(seconds=2 * MEDIA_URL_SECONDS)

    def sign(self, key: str, content_type: str, byte_size: int, audience: str, expires_at: datetime) -> str:
        said = f"/media/{key}?t={quote(content_type, safe='/')}&n={byte_size}&a={audience}"
        signed = f"{said}&e={int(expires_at.timestamp())}"
        return f"{self._base_url}{signed}&s={_digest(signed)}"

    def conceal(self, folder: str, audience: str) -> str:
        return f"shared/{f'{folder} {audience}'.encode().hex()}/"

    def verify(self, path_and_query: str, *, now: datetime) -> tuple[MediaGrant, datetime]:
        signed, _, signature = path_and_query.rpartition("&s=")
        if signature != _digest(signed):
            raise MediaUrlInvalid("forged")
        parts = urlsplit(signed)
        query = parse_qs(parts.query)
        expires_at = datetime.fromtimestamp(int(query["e"][0]), UTC)
        if now >= expires_at:
            raise MediaUrlInvalid("expired")
        told, audience = parts.path.removeprefix("/media/"), query["a"][0]
        concealed = told.startswith("shared/")
        if concealed:
            covered, _, name = told.removeprefix("shared/").partition("/")
            told = bytes.fromhex(covered).decode().removesuffix(f" {audience}") + name
        grant = MediaGrant(
            key=BlobKey(told),
            content_type=query["t"][0],
            byte_size=int(query["n"][0]),
            audience=audience,
            concealed=concealed,
        )
        return grant, expires_at


@dataclass
class FakePendingSignIns(PendingSignIns):
    sealed: dict[str, tuple[PendingSignIn, datetime]] = field(default_factory=dict)

    def seal(self, pending: PendingSignIn, *, now: datetime) -> str:
        name = f"sealed-{len(self.sealed) + 1}"
        self.sealed[name] = (pending, now + timedelta(seconds=LIFETIME_SECONDS))
        return name

    def open(self, sealed: str, *, now: datetime) -> PendingSignIn:
        pending, expires_at = self.sealed.get(sealed, (None, now))
        if pending is None or now >= expires_at:
            raise SignInRefused("no sign-in is under way in this browser", code="state_mismatch")
        return pending


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:22]

"""The tokens of a session, as clients hold them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from uuid import UUID

from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.errors import InvalidToken

REFRESH_PREFIX = "psr_"
API_KEY_PREFIX = "psk_"
API_KEY_SECRET_SIZE = 32
REFRESH_SECRET_SIZE = 16


def _pack(prefix: str, *parts: bytes) -> str:
    return prefix + urlsafe_b64encode(b"".join(parts)).rstrip(b"=").decode()


def _unpack(prefix: str, token: str, size: int) -> bytes:
    try:
        if not token.startswith(prefix) or len(token) > 200:
            raise InvalidToken("That is no token of this service.")
        body = token.removeprefix(prefix)
        raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (NotBase64, ValueError):
        raise InvalidToken("That is no token of this service.") from None
    if len(raw) != size:
        raise InvalidToken("That is no token of this service.")
    return raw


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """Whose session it is, and the two secrets that `Session` explains. The owner comes first: it finds the shard."""

    user_id: UserId
    session_id: SessionId
    family: bytes
    current: bytes

    def pack(self) -> str:
        return _pack(REFRESH_PREFIX, self.user_id.bytes, self.session_id.bytes, self.family, self.current)

    @classmethod
    def unpack(cls, token: str) -> "RefreshToken":
        """Raise `InvalidToken` when it has not the shape of one."""
        raw = _unpack(REFRESH_PREFIX, token, 32 + 2 * REFRESH_SECRET_SIZE)
        return cls(
            user_id=UserId(UUID(bytes=raw[:16])),
            session_id=SessionId(UUID(bytes=raw[16:32])),
            family=raw[32 : 32 + REFRESH_SECRET_SIZE],
            current=raw[32 + REFRESH_SECRET_SIZE :],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyToken:
    user_id: UserId
    key_id: ApiKeyId
    secret: bytes

    def pack(self) -> str:
        return _pack(API_KEY_PREFIX, self.user_id.bytes, self.key_id.bytes, self.secret)

    @classmethod
    def unpack(cls, token: str) -> "ApiKeyToken":
        """Raise `InvalidToken` when it has not the shape of one."""
        raw = _unpack(API_KEY_PREFIX, token, 32 + API_KEY_SECRET_SIZE)
        return cls(user_id=UserId(UUID(bytes=raw[:16])), key_id=ApiKeyId(UUID(bytes=raw[16:32])), secret=raw[32:])

"""What keeps share links secret: sealed tokens, unlocks as JSON Web Tokens, signatures in the URLs of originals."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from hmac import compare_digest
from urllib.parse import parse_qs
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from photostore.share_link.gate import Unlocked
from photostore.share_link.ports import ShareFileUrls, ShareTokens, ShareUnlocks
from photostore.shared.ids import PhotoId, ShareLinkId

_ALGORITHM = "HS256"
_TYPE = "share-unlock"
_LONGEST = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSecretSettings:
    """Keys of 32 bytes, each list for one purpose alone: the first seals and signs, all open and read."""

    token_keys: Sequence[bytes] = field(repr=False)
    unlock_keys: Sequence[bytes] = field(repr=False)
    file_keys: Sequence[bytes] = field(repr=False)


class SealedShareTokens(ShareTokens):
    """AES-SIV (RFC 5297), bound to the link: no row's token passes for another's."""

    def __init__(self, settings: ShareSecretSettings) -> None:
        self._keys = [AESSIV(key) for key in settings.token_keys]

    def seal(self, link_id: ShareLinkId, token: str) -> str:
        return urlsafe_b64encode(self._keys[0].encrypt(token.encode(), [link_id.bytes])).decode()

    def open(self, link_id: ShareLinkId, sealed: str) -> str | None:
        content = urlsafe_b64decode(sealed)
        for key in self._keys:
            try:
                return key.decrypt(content, [link_id.bytes]).decode()
            except InvalidTag:
                continue
        return None


class JwtShareUnlocks(ShareUnlocks):
    """With a key and a type of their own: no access token passes for one, and none of them for an access token."""

    def __init__(self, settings: ShareSecretSettings) -> None:
        self._keys = [OctKey.import_key(key) for key in settings.unlock_keys]

    def issue(self, unlocked: Unlocked, *, now: datetime, expires_at: datetime) -> str:
        claims = {
            "sub": str(unlocked.link_id),
            "gen": unlocked.generation,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode({"alg": _ALGORITHM, "typ": _TYPE}, claims, self._keys[0], algorithms=[_ALGORITHM])

    def read(self, token: str, *, now: datetime) -> Unlocked | None:
        if len(token) > _LONGEST or token.count(".") != 2:
            return None
        for key in self._keys:
            try:
                decoded = jwt.decode(token, key, algorithms=[_ALGORITHM])
                claims = decoded.claims
                if decoded.header.get("typ") == _TYPE and now.timestamp() < claims["exp"]:
                    return Unlocked(link_id=ShareLinkId(UUID(claims["sub"])), generation=claims["gen"])
            except (JoseError, KeyError, TypeError, ValueError, AttributeError):
                continue
        return None


class SignedShareFileUrls(ShareFileUrls):
    """`e=<expiry>&s=<signature>`, by keyed BLAKE2b over the link, its generation, the photo and the expiry."""

    def __init__(self, settings: ShareSecretSettings) -> None:
        self._signing = [blake2b(key=key, digest_size=16) for key in settings.file_keys]

    def sign(self, unlocked: Unlocked, photo_id: PhotoId, expires_at: datetime) -> str:
        expiry = int(expires_at.timestamp())
        return f"e={expiry}&s={self._signature(0, unlocked, photo_id, expiry)}"

    def is_signed(self, unlocked: Unlocked, photo_id: PhotoId, query: str, *, now: datetime) -> bool:
        told = parse_qs(query)
        expiry, signature = told.get("e", [""])[0], told.get("s", [""])[0]
        if not (expiry.isascii() and expiry.isdecimal() and len(expiry) <= 12) or now.timestamp() >= int(expiry):
            return False
        good = [
            compare_digest(self._signature(number, unlocked, photo_id, int(expiry)).encode(), signature.encode())
            for number in range(len(self._signing))
        ]
        return any(good)

    def _signature(self, number: int, unlocked: Unlocked, photo_id: PhotoId, expiry: int) -> str:
        mac = self._signing[number].copy()
        mac.update(f"{unlocked.link_id.hex} {unlocked.generation} {photo_id.hex} {expiry}".encode())
        return mac.hexdigest()

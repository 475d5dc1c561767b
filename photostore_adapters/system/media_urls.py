"""Media URLs signed with keyed BLAKE2b: checking one is arithmetic, and signing fifty is, too."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from urllib.parse import parse_qs, urlsplit

from photostore.shared.blobs import BlobKeyInvalid, blob_key
from photostore.shared.media import MediaGrant, MediaUrlInvalid, MediaUrls

_PREFIX = "/media/"
_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUrlSettings:
    """The first key signs; all of them are good for reading, so that a key can be changed while URLs are about."""

    base_url: str
    keys: Sequence[bytes] = field(repr=False)
    lifetime: timedelta


class SignedMediaUrls(MediaUrls):
    """`/media/<key>?t=<content type>&n=<bytes>&a=<audience>&e=<expiry>&s=<signature of all before>`."""

    def __init__(self, settings: MediaUrlSettings) -> None:
        self._base_url = settings.base_url.rstrip("/")
        self._signatures = [_Signature(key) for key in settings.keys]
        self._signing = self._signatures[0].keyed
        self._lifetime = int(settings.lifetime.total_seconds())
        # Lifetimes are from one to one and a half times the setting.
        self._step = max(1, self._lifetime // 2)

    def expiry(self, now: datetime) -> datetime:
        earliest = int(now.timestamp()) + self._lifetime
        return datetime.fromtimestamp(-(-earliest // self._step) * self._step, UTC)

    def sign(self, key: str, content_type: str, byte_size: int, audience: str, expires_at: datetime) -> str:
        # Of what a content type may hold, `+` alone means something else in a query.
        told = content_type.replace("+", "%2B") if "+" in content_type else content_type
        signed = f"{_PREFIX}{key}?t={told}&n={byte_size}&a={audience}&e={_seconds(expires_at)}"
        mac = self._signing.copy()
        mac.update(signed.encode())
        return f"{self._base_url}{signed}&s={mac.hexdigest()}"

    def verify(self, path_and_query: str, *, now: datetime) -> tuple[MediaGrant, datetime]:
        signed, _, signature = path_and_query.rpartition("&s=")
        good = [compare_digest(each.of(signed).encode(), signature.encode()) for each in self._signatures]
        if not any(good):
            raise MediaUrlInvalid("There is nothing under this URL.")
        parts = urlsplit(signed)
        query = parse_qs(parts.query)
        try:
            expires_at = datetime.fromtimestamp(int(query["e"][0]), UTC)
            key, byte_size = blob_key(parts.path.removeprefix(_PREFIX)), int(query["n"][0])
        except (BlobKeyInvalid, KeyError):  # signed by an older version
            raise MediaUrlInvalid("There is nothing under this URL.") from None
        if now >= expires_at:
            raise MediaUrlInvalid("There is nothing under this URL.")
        grant = MediaGrant(key=key, content_type=query["t"][0], byte_size=byte_size, audience=query["a"][0])
        return grant, expires_at


@lru_cache(16)
def _seconds(time: datetime) -> int:
    """Unix time. The URLs of a page all have the same."""
    return int(time.timestamp())


class _Signature:
    """BLAKE2b with a key, which makes it a MAC (RFC 7693, 2.9), of 128 bits. Four times as fast as HMAC-SHA256."""

    def __init__(self, key: bytes) -> None:
        self.keyed = blake2b(key=blake2b(key).digest(), digest_size=_SIGNATURE_BYTES)

    def of(self, text: str) -> str:
        mac = self.keyed.copy()
        mac.update(text.encode())
        return mac.hexdigest()

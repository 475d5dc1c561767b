"""Media URLs by HMAC-SHA256 (RFC 2104), cut to 128 bits: checking one is arithmetic, and signing fifty is, too."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, digest
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


class HmacMediaUrls(MediaUrls):
    """`/media/<key>?t=<content type>&a=<audience>&e=<expiry>&s=<signature of all before>`."""

    def __init__(self, settings: MediaUrlSettings) -> None:
        self._base_url = settings.base_url.rstrip("/")
        self._keys = tuple(settings.keys)
        self._lifetime = int(settings.lifetime.total_seconds())
        # Lifetimes are from one to one and a half times the setting.
        self._step = max(1, self._lifetime // 2)

    def expiry(self, now: datetime) -> datetime:
        earliest = int(now.timestamp()) + self._lifetime
        return datetime.fromtimestamp(-(-earliest // self._step) * self._step, UTC)

    def sign(self, grant: MediaGrant, *, expires_at: datetime) -> str:
        signed = f"{_PREFIX}{grant.key}?t={grant.content_type}&a={grant.audience}&e={int(expires_at.timestamp())}"
        return f"{self._base_url}{signed}&s={_signature(self._keys[0], signed)}"

    def verify(self, path_and_query: str, *, now: datetime) -> tuple[MediaGrant, datetime]:
        signed, _, signature = path_and_query.rpartition("&s=")
        good = [hmac.compare_digest(_signature(key, signed).encode(), signature.encode()) for key in self._keys]
        if not any(good):
            raise MediaUrlInvalid("There is nothing under this URL.")
        parts = urlsplit(signed)
        query = parse_qs(parts.query)
        expires_at = datetime.fromtimestamp(int(query["e"][0]), UTC)
        if now >= expires_at:
            raise MediaUrlInvalid("There is nothing under this URL.")
        try:
            key = blob_key(parts.path.removeprefix(_PREFIX))
        except BlobKeyInvalid:
            raise MediaUrlInvalid("There is nothing under this URL.") from None
        return MediaGrant(key=key, content_type=query["t"][0], audience=query["a"][0]), expires_at


def _signature(key: bytes, signed: str) -> str:
    digest = hmac.digest(key, signed.encode(), "sha256")[:_SIGNATURE_BYTES]
    return urlsafe_b64encode(digest).rstrip(b"=").decode()

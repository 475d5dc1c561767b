"""Signing the URLs of a page: fifty photos, an original and four renditions each."""

import time
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID

from bench.figures import Figure
from photostore.shared.media import audience_of
from photostore_adapters.system.media_urls import MediaUrlSettings, SignedMediaUrls

_TURNS = 501
_PHOTOS = 50
_NOW = datetime(2026, 1, 1, tzinfo=UTC)

Signed = tuple[str, str, int]


def signing() -> Figure:
    """The CPU of this thread, so that who else is at work does not count."""
    settings = MediaUrlSettings(base_url="https://photos.example.org", keys=[bytes(32)], lifetime=timedelta(hours=1))
    urls = SignedMediaUrls(settings)
    page = [signed for number in range(_PHOTOS) for signed in _photo(UUID(int=number << 64))]
    took = [_milliseconds(urls, page) for _ in range(_TURNS)]
    return Figure(name=f"decoding: signing {len(page)} URLs", measured=median(took), unit="ms", target=0.5)


def _photo(upload: UUID) -> list[Signed]:
    """Keys, types and sizes, of the lengths that they have."""
    made = [
        (f"renditions/00/{upload}/{number:032x}.{kind}", f"image/{kind}", 123_456)
        for number in range(2)
        for kind in ("webp", "avif")
    ]
    return [(f"originals/00/{upload}", "image/jpeg", 5_370_020), *made]


def _milliseconds(urls: SignedMediaUrls, page: list[Signed]) -> float:
    started = time.thread_time()
    audience, expires_at = audience_of(UUID(int=1)), urls.expiry(_NOW)
    for key, content_type, byte_size in page:
        urls.sign(key, content_type, byte_size, audience, expires_at)
    return (time.thread_time() - started) * 1000

"""A decoder over a store in memory, whose processes do what the "picture" says (see `patient.py`)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from photostore.photo.decoding import PictureUndecodable
from photostore.photo.picture import Failure, ImageFormat, Recipe
from photostore.shared.blobs import BlobKey, blob_key
from photostore.shared.clock import Clock
from photostore_adapters.imaging.decoding.task import DecodingLimits
from photostore_adapters.imaging.processes.decoder import PooledPictureDecoder
from photostore_adapters.imaging.processes.pool import DecoderPool
from photostore_adapters.imaging.processes.settings import DecoderSettings
from tests.fakes.blob_store import FakeBlobStore

PATIENT = "tests.adapters.decoding_processes.patient"
LIMITS = DecodingLimits(
    max_pixels=120_000_000,
    max_side=32_768,
    max_frames=1000,
    max_frame_pixels=400_000_000,
    max_interlaced_png_pixels=40_000_000,
    max_jpeg_scans=100,
)
THUMB = Recipe(width=256, height=256, format=ImageFormat.WEBP)
LARGE = Recipe(width=2048, height=2048, format=ImageFormat.AVIF)


class StoppedClock(Clock):
    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, tzinfo=UTC)


def decoder_settings(**changes: Any) -> DecoderSettings:
    kept: dict[str, Any] = {
        "processes": 1,
        "decode": f"{PATIENT}:decode",
        "prove": f"{PATIENT}:prove",
        "limits": LIMITS,
        # The patient tells of itself by touching files.
        "files": True,
    }
    return DecoderSettings(**(kept | changes))


def open_descriptors() -> int:
    """How many this process has."""
    return len(list(Path("/dev/fd").iterdir()))


@dataclass
class Clinic:
    """`told` is what the decoder told whoever counts: outcomes."""

    pool: DecoderPool
    store: FakeBlobStore
    decoder: PooledPictureDecoder
    told: list[str] = field(default_factory=list)

    def keep(self, content: str | bytes) -> BlobKey:
        key = blob_key(f"originals/{len(self.store.blobs)}")
        self.store.blobs[key] = content.encode() if isinstance(content, str) else content
        return key

    async def decode(self, content: str | bytes, *recipes: Recipe) -> list[bytes]:
        """Every rendition of a picture that says this."""
        key = self.keep(content)
        async with self.decoder.decode(key, content_type="image/jpeg", recipes=recipes or [THUMB]) as picture:
            return [b"".join([chunk async for chunk in made.chunks()]) for made in picture.renditions]

    async def failure(self, content: str, *, recipes: Sequence[Recipe] = (THUMB,)) -> Failure:
        with pytest.raises(PictureUndecodable) as refusal:
            await self.decode(content, *recipes)
        return refusal.value.failure


@asynccontextmanager
async def clinic(store: FakeBlobStore | None = None, **settings: Any) -> AsyncIterator[Clinic]:
    """Closed at the end, with all of its processes."""
    pool = DecoderPool(decoder_settings(**settings))
    told: list[str] = []
    store = store or FakeBlobStore()
    decoder = PooledPictureDecoder(pool, store, StoppedClock(), lambda outcome, _: told.append(outcome))
    try:
        yield Clinic(pool, store, decoder, told)
    finally:
        await pool.aclose()

"""Trying what photostore depends on, from the command line."""

from collections.abc import Mapping

from photostore_adapters.decoders import decoder_settings
from photostore_adapters.imaging.processes.pool import DecoderPool
from photostore_adapters.settings import Settings


async def examined(settings: Settings) -> Mapping[str, str | None]:
    """What each decoder makes of pictures of its own: `None` where it works, else the fault in words."""
    pool = DecoderPool(decoder_settings(settings))
    try:
        return await pool.prove()
    finally:
        await pool.aclose()

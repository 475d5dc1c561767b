"""Whether every decoder decodes pictures of its own."""

from photostore.shared.errors import Unavailable
from photostore_adapters.decoders import decoder_settings
from photostore_adapters.examining.finding import Findings, Part
from photostore_adapters.imaging.processes.pool import DecoderPool
from photostore_adapters.settings import Settings

_PART = Part("decoders")
_FIX = "Install photostore's requirements again (requirements.lock): a library is missing or broken."


async def examine_decoders(settings: Settings) -> Findings:
    pool = DecoderPool(decoder_settings(settings))
    try:
        for name, fault in (await pool.prove()).items():
            yield _PART.ok(name, "decodes") if fault is None else _PART.failed(name, fault, _FIX)
    except Unavailable as error:
        yield _PART.failed(
            "processes", error.detail, "Look at DECODING__MEMORY_BYTES and at the limits of the container."
        )
    finally:
        await pool.aclose()

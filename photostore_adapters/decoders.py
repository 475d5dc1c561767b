"""What the settings say of the processes that decode pictures."""

from photostore_adapters.imaging.decoding.task import DecodingLimits
from photostore_adapters.imaging.processes.settings import DecoderSettings
from photostore_adapters.imaging.settings import PictureLimits
from photostore_adapters.settings import Settings


def decoder_settings(settings: Settings) -> DecoderSettings:
    limits, decoding = settings.limits, settings.decoding
    return DecoderSettings(
        limits=DecodingLimits(
            max_pixels=limits.max_pixels,
            max_side=limits.max_side,
            max_frames=limits.max_frames,
            max_frame_pixels=limits.max_frame_pixels,
            max_interlaced_png_pixels=limits.max_interlaced_png_pixels,
            max_jpeg_scans=PictureLimits().max_jpeg_scans,
        ),
        processes=settings.decoder_processes,
        wall_seconds=decoding.wall_seconds,
        cpu_seconds=decoding.cpu_seconds,
        memory_bytes=decoding.memory_bytes,
        recycle_after=decoding.recycle_after,
        scratch_folder=decoding.scratch_folder,
    )

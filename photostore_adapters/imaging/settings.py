"""What a picture may ask of us. Chosen so that a decoder with 1.5 GB and 20 s can do what passes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """Limits on what a header may declare, and on what reading a header may cost.

    `max_frame_pixels` is over all frames together, and asked only of pictures with several.
    """

    max_pixels: int = 120_000_000
    max_side: int = 32_768
    max_frames: int = 1000
    max_frame_pixels: int = 400_000_000
    max_interlaced_png_pixels: int = 40_000_000
    max_jpeg_scans: int = 100
    max_header_bytes: int = 8 * 1024 * 1024
    max_parse_seconds: float = 1.0
    max_wait_seconds: float = 5.0

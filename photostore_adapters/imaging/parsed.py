"""What the parsers hand over."""

from dataclasses import dataclass, field

from photostore_adapters.imaging.embedded import Block
from photostore_adapters.imaging.exif import ExifTags


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPicture:
    """`width` and `height` as stored; `orientation` (EXIF's, 1 to 8) is what is still to be applied to them.

    `frame_pixels` is told where a frame can be larger than the picture. `frames` and `scans` may be less than the truth
    in files too large to be walked: the decoder counts again. `blocks` are metadata that nobody has read yet.
    """

    content_type: str
    width: int
    height: int
    orientation: int = 1
    frames: int = 1
    frame_pixels: int = 0
    scans: int = 1
    interlaced_png: bool = False
    exif: ExifTags = field(default_factory=ExifTags)
    blocks: tuple[Block, ...] = ()

    @property
    def displayed(self) -> tuple[int, int]:
        turned = self.orientation in {5, 6, 7, 8}
        return (self.height, self.width) if turned else (self.width, self.height)

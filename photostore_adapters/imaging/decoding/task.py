"""What a decoder process is told and what it answers: plain data that msgspec carries over a socket."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from photostore.photo.picture import Failure, Fingerprint, PictureFacts, Recipe


class DecodingLimits(Struct, frozen=True, kw_only=True):
    """What a picture may ask of the decoder, counted again there: what the header said is not believed."""

    max_pixels: int
    max_side: int
    max_frames: int
    max_frame_pixels: int
    max_interlaced_png_pixels: int
    max_jpeg_scans: int


class Task(Struct, frozen=True, kw_only=True, tag=True):
    """`now` bounds the times that a camera may tell. The original and one empty file a recipe come as descriptors."""

    content_type: str
    recipes: Sequence[Recipe]
    limits: DecodingLimits
    now: datetime


class Made(Struct, frozen=True, kw_only=True):
    """The rendition of the recipe at the same place, in the file at the same place."""

    width: int
    height: int
    byte_size: int


class Report(Struct, frozen=True, kw_only=True, tag=True):
    """`width` and `height` in pixels as displayed; `placeholder` a ThumbHash."""

    width: int
    height: int
    facts: PictureFacts
    placeholder: bytes
    fingerprint: Fingerprint
    made: Sequence[Made]


class Refusal(Struct, frozen=True, kw_only=True, tag=True):
    """The picture is at fault."""

    failure: Failure
    detail: str


class Undecodable(Exception):
    """Raised inside the decoder process; comes out as a `Refusal`."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail

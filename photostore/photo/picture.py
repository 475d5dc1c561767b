"""What a picture shows and says, once it has been decoded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from photostore.shared.blobs import BlobKey


class ImageFormat(StrEnum):
    """What renditions are encoded as."""

    WEBP = "webp"
    AVIF = "avif"
    JPEG = "jpeg"

    @property
    def content_type(self) -> str:
        return f"image/{self.value}"


class Fit(StrEnum):
    """How a picture fills a box: whole inside it, or all of it, cut to the box's shape around the centre."""

    CONTAIN = "contain"
    COVER = "cover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A picture wanted: the box that it must fit, in pixels, and its format. Never larger than the original."""

    width: int
    height: int
    fit: Fit = Fit.CONTAIN
    format: ImageFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A picture made from the original, by the name of its size. `byte_size` in bytes, sides in pixels."""

    name: str
    format: ImageFormat
    width: int
    height: int
    byte_size: int
    blob_key: BlobKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """What took the picture, as its metadata say. Focal length in millimetres, not converted to another sensor."""

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    f_number: float | None = None
    exposure_seconds: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where it was taken: degrees (WGS 84, south and west negative) and metres above the sea."""

    latitude: float
    longitude: float
    altitude_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """What the metadata say, believed only where it can be true.

    `taken_at` is UTC when `taken_at_offset_minutes` is known, else the camera's clock written as if it were UTC.
    `keywords` are as written, each once.
    """

    taken_at: datetime | None = None
    taken_at_offset_minutes: int | None = None
    camera: Camera | None = None
    location: Location | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What tells pictures apart. `pixels` is a digest (32 bytes) of the decoded, oriented pixels; `perceptual` a hash of
    64 bits, of which similar pictures share nearly all."""

    pixels: bytes
    perceptual: int


class Failure(StrEnum):
    """Why a picture could not be decoded, or what became of its original: a closed set, part of the contract."""

    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    UNSUPPORTED_COMPRESSION = "unsupported_compression"
    UNSUPPORTED_FEATURE = "unsupported_feature"
    CRASHED = "crashed"
    ORIGINAL_MISSING = "original_missing"
    ORIGINAL_DAMAGED = "original_damaged"


# The store no longer has what was uploaded. Decoding neither finds that out nor takes it back: checking the store does.
LOST = frozenset({Failure.ORIGINAL_MISSING, Failure.ORIGINAL_DAMAGED})

"""libvips, with every loader shut but the one that is asked for: whatever else bytes look like, no other code sees them."""

import os
from typing import Any

import pyvips  # type: ignore[import-untyped]

from photostore_adapters.imaging.sniffing import AVIF, GIF, JPEG, PNG, TIFF, WEBP

Image = pyvips.Image
VipsError = pyvips.Error

_LOADERS = {
    JPEG: ("jpegload_source", "VipsForeignLoadJpeg"),
    PNG: ("pngload_source", "VipsForeignLoadPng"),
    WEBP: ("webpload_source", "VipsForeignLoadWebp"),
    GIF: ("gifload_source", "VipsForeignLoadNsgif"),
    TIFF: ("tiffload_source", "VipsForeignLoadTiff"),
    AVIF: ("heifload_source", "VipsForeignLoadHeif"),
}

# More threads than one save no CPU, and a process decodes one picture at a time: the cache could only keep a stranger's.
pyvips.concurrency_set(1)
pyvips.cache_set_max(0)
pyvips.cache_set_max_mem(0)
pyvips.cache_set_max_files(0)
pyvips.operation_block_set("VipsForeignLoad", True)


def load_file(content_type: str, descriptor: int, **options: object) -> Any:
    """The first picture of a file, read in sequence. Nothing but its header is decoded yet."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return _load(content_type, pyvips.Source.new_from_descriptor(descriptor), options)


def load_bytes(content_type: str, content: bytes, **options: object) -> Any:
    return _load(content_type, pyvips.Source.new_from_memory(content), options)


def from_pixels(pixels: Any) -> Any:
    """A picture over an array of rows, columns and (unless it is grey) bands; the array is not copied."""
    height, width = pixels.shape[:2]
    bands = pixels.shape[2] if pixels.ndim == 3 else 1
    image = Image.new_from_memory(pixels, width, height, bands, "uchar")
    return image.copy(interpretation="b-w" if bands < 3 else "srgb")


def tagged(image: Any, *, orientation: int, profile: bytes | None = None) -> Any:
    """The same pixels, to be shown so; a profile that it has already stays, unless another is given."""
    copy = image.copy()
    copy.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    if profile is not None:
        copy.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return copy


def built_in_profile(name: str) -> bytes:
    """One of the few profiles inside libvips: `srgb`, `p3`, `cmyk`."""
    return bytes(pyvips.Operation.call("profile_load", name))


def _load(content_type: str, source: Any, options: dict[str, object]) -> Any:
    """`fail_on`: what is missing from a file must not come out as grey."""
    operation, kind = _LOADERS[content_type]
    pyvips.operation_block_set(kind, False)
    try:
        return getattr(Image, operation)(source, access="sequential", fail_on="error", **options)
    finally:
        pyvips.operation_block_set(kind, True)

"""What a picture asks of the decoder, counted again here: in all of the file, however large it is."""

from collections.abc import Callable
from dataclasses import replace

from photostore.photo.picture import Failure
from photostore.upload.pictures import UnsupportedImage
from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.cr3 import parse_cr3
from photostore_adapters.imaging.decoding.failures import blaming_the_picture
from photostore_adapters.imaging.decoding.jpeg_scans import count_scans
from photostore_adapters.imaging.decoding.png_end import demand_end
from photostore_adapters.imaging.decoding.task import DecodingLimits, Undecodable
from photostore_adapters.imaging.gif import parse_gif
from photostore_adapters.imaging.heif import parse_heif
from photostore_adapters.imaging.jpeg import parse_jpeg
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.png import parse_png
from photostore_adapters.imaging.raf import parse_raf
from photostore_adapters.imaging.reading import View
from photostore_adapters.imaging.tiff_pictures import parse_tiff
from photostore_adapters.imaging.webp import parse_webp

_PARSERS: dict[str, Callable[[View], ParsedPicture]] = {
    sniffing.JPEG: parse_jpeg,
    sniffing.PNG: parse_png,
    sniffing.WEBP: parse_webp,
    sniffing.GIF: parse_gif,
    sniffing.HEIC: parse_heif,
    sniffing.HEIF: parse_heif,
    sniffing.AVIF: parse_heif,
    sniffing.CR3: parse_cr3,
    sniffing.RAF: parse_raf,
}


def checked(view: View, limits: DecodingLimits) -> ParsedPicture:
    """The header, by the bytes alone. Raise `Undecodable` when it is broken or past a limit."""
    with blaming_the_picture():
        try:
            sniffed = sniffing.sniff(view.read(0, min(sniffing.HEAD, view.byte_size)))
        except UnsupportedImage as error:
            raise Undecodable(Failure.UNSUPPORTED_FEATURE, error.detail) from error
        try:
            parsed = _PARSERS.get(sniffed, parse_tiff)(view)
        except (ArithmeticError, LookupError, RecursionError) as error:
            raise Undecodable(Failure.CORRUPT, "Its header leads nowhere.") from error
        if sniffed == sniffing.PNG:
            demand_end(view)
        if sniffed == sniffing.JPEG:
            parsed = replace(parsed, scans=count_scans(view, most=limits.max_jpeg_scans))
    demand_fits(limits, parsed.width, parsed.height)
    _demand_few_frames(limits, parsed)
    if parsed.interlaced_png and parsed.width * parsed.height > limits.max_interlaced_png_pixels:
        _too_many_pixels(f"{parsed.width * parsed.height} pixels, interlaced", limits.max_interlaced_png_pixels)
    if parsed.scans > limits.max_jpeg_scans:
        raise Undecodable(Failure.TOO_MANY_FRAMES, f"The picture has more than {limits.max_jpeg_scans} scans.")
    return parsed


def demand_fits(limits: DecodingLimits, width: int, height: int) -> None:
    """Also what a decoder says of the size is asked this, before it decodes."""
    if width < 1 or height < 1:
        raise Undecodable(Failure.CORRUPT, f"The picture is empty: {width} x {height} pixels.")
    if max(width, height) > limits.max_side:
        _too_many_pixels(f"{width} x {height} pixels", f"{limits.max_side} on a side")
    if width * height > limits.max_pixels:
        _too_many_pixels(f"{width * height} pixels", limits.max_pixels)


def _demand_few_frames(limits: DecodingLimits, parsed: ParsedPicture) -> None:
    pixels = max(parsed.width * parsed.height, parsed.frame_pixels)
    if pixels > limits.max_pixels:
        _too_many_pixels(f"{pixels} pixels in a frame", limits.max_pixels)
    if parsed.frames > limits.max_frames:
        raise Undecodable(
            Failure.TOO_MANY_FRAMES, f"The picture has {parsed.frames} frames; the limit is {limits.max_frames}."
        )
    if parsed.frames > 1 and pixels * parsed.frames > limits.max_frame_pixels:
        _too_many_pixels(f"{pixels * parsed.frames} pixels in {parsed.frames} frames", limits.max_frame_pixels)


def _too_many_pixels(has: str, limit: object) -> None:
    raise Undecodable(Failure.TOO_MANY_PIXELS, f"The picture has {has}; the limit is {limit}.")

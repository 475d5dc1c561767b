"""From a file to something that gives pixels, by the type that its bytes tell."""

from functools import partial

from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.decoding.animated_avif import open_animated_avif
from photostore_adapters.imaging.decoding.heif_pixels import colour_profile_of, open_heif
from photostore_adapters.imaging.decoding.opened import Opened
from photostore_adapters.imaging.decoding.raw import open_raw
from photostore_adapters.imaging.decoding.streams import open_stream
from photostore_adapters.imaging.decoding.task import DecodingLimits
from photostore_adapters.imaging.decoding.vips import load_file
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import View

_STREAMED = {sniffing.JPEG, sniffing.PNG, sniffing.WEBP, sniffing.GIF, sniffing.TIFF, sniffing.AVIF}
_HEIF = {sniffing.HEIC, sniffing.HEIF}


def open_picture(descriptor: int, view: View, parsed: ParsedPicture, limits: DecodingLimits) -> Opened:
    """`parsed` is the checked header of the same file."""
    content_type = parsed.content_type
    if content_type in _HEIF:
        return open_heif(descriptor, limits, profile=colour_profile_of(view))
    if content_type not in _STREAMED:
        return open_raw(descriptor, parsed, limits)
    # libvips does not know the brand of an AVIF that is a sequence first.
    if content_type == sniffing.AVIF and view.read(8, 4) == b"avis":
        return open_animated_avif(descriptor, limits)
    profile = colour_profile_of(view) if content_type == sniffing.AVIF else None
    return open_stream(parsed, limits, partial(load_file, content_type, descriptor), profile=profile)

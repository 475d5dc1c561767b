"""One tiny picture of every format, to try the decoders on.

A quarter each of four colours, made by the encoders of renditions where there are some. HEVC has no encoder here, and RAW
nowhere: those two were made once (x265 by way of pillow-heif; 32 x 32 values of a sensor of one colour) and are held as text.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from zlib import decompress

import numpy as np

from photostore.photo.picture import ImageFormat
from photostore_adapters.imaging.decoding.encoding import encode
from photostore_adapters.imaging.decoding.vips import from_pixels

Colour = tuple[int, int, int]

QUARTERS: tuple[Colour, ...] = ((220, 40, 30), (40, 180, 60), (30, 60, 200), (240, 240, 240))
SENSOR_COLOUR: Colour = (255, 107, 112)
_PIXELS = np.repeat(np.repeat(np.array(QUARTERS, dtype=np.uint8).reshape(2, 2, 3), 8, axis=0), 8, axis=1)
_HEIC = (
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAWptZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABjgABAAAAAAAAAFEAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA6mlw"
    "cnAAAADLaXBjbwAAAHdodmNDAQQIAAAAnjgAAAAAHvAA/P/4+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAADAAAeugJAYQABACpCAQEECAAA"
    "AwCeOAAAAwAAHpAEECCy3VXTXNwENBgQAAADAZAAAAMAEIBiAAEACEQBwXMYMBiQAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAABAA"
    "AAABAAAAEAAAAAH////QAAAAAv///9AAAAACAAAAEHBpeGkAAAAAAwgICAAAABdpcG1hAAAAAAAAAAEAAQSBAgSDAAAAWW1kYXQAAABNKAGv"
    "BPIa0caAQlGgO+xG//uf9/1vLAOWYFP/ugEzrxx2/c1//qNr+F/h7/+bQnYmMcS5LGnmemDg8WvcTOQdewzNlGXh8oXFyNITJ4A="
)
_DNG = (
    "eNrtjz0PQTEUht+21/eA6+MmEkmxYBCDP2FhMVnlrgzYDGJn8pv6O/wS1+l1SBeJRGJqm/f2SW9Pn9PpdIg8gAh3BBDgIZ6sLToshUq5QlHM"
    "Nlnm3hEoC4kccZc2KsQB8Xwdo8r3XOkTOrUNh5uOK2K27Z1PCtL6aV5OIr2TGpOheTIdRe3FVFQ3EiXiAXHLqPe72sxJAnRMEQXiCW30TQaK"
    "+EC85DMNrlnE291qw4u2L3l1iw/rt/8/ZbzXs1+iZ7fRL/F+7/d+7/d+7/f+//sfoBCnrQ=="
)

PICTURES: Mapping[str, Callable[[], bytes]] = {
    "JPEG": lambda: encode(from_pixels(_PIXELS), ImageFormat.JPEG),
    "PNG": lambda: bytes(from_pixels(_PIXELS).pngsave_buffer()),
    "WebP": lambda: encode(from_pixels(_PIXELS), ImageFormat.WEBP),
    "GIF": lambda: bytes(from_pixels(_PIXELS).gifsave_buffer()),
    "TIFF": lambda: bytes(from_pixels(_PIXELS).tiffsave_buffer()),
    "HEIC": lambda: b64decode(_HEIC),
    "AVIF": lambda: encode(from_pixels(_PIXELS), ImageFormat.AVIF),
    "RAW": lambda: decompress(b64decode(_DNG)),
}

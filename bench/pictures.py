"""Pictures like photographs, and forms that carry pictures of which no two are the same."""

import io
import os
from struct import pack
from typing import Any

import pyvips  # type: ignore[import-untyped]
from PIL import Image

CONTENT_TYPE = "multipart/form-data; boundary=bench"
_SERIAL = 16
_SIZE = (4032, 3024)
# Shapes as a photograph has them, the finer the fainter: the size of the spots in pixels, and how far they differ.
_DETAILS = ((256, 40), (64, 25), (16, 20), (4, 16), (2, 10))
_GRAIN = 9
_METADATA = {
    "exif-ifd0-Make": "Bench",
    "exif-ifd0-Model": "Bench 12",
    "exif-ifd2-DateTimeOriginal": "2026:11:20 12:00:00",
    "exif-ifd2-OffsetTimeOriginal": "+01:00",
}


class Forms:
    """Upload forms of one JPEG, each with a comment in it that no other has. Without a `picture` it is noise of 6 MB."""

    def __init__(self, picture: bytes | None = None) -> None:
        picture = picture or noise()
        self._before = (
            b'--bench\r\nContent-Disposition: form-data; name="file"; filename="IMG_0001.jpg"\r\n'
            b"Content-Type: image/jpeg\r\n\r\n" + picture[:2] + b"\xff\xfe" + pack(">H", 2 + _SERIAL)
        )
        self._after = picture[2:] + b"\r\n--bench--\r\n"
        self.byte_size = len(picture) + 4 + _SERIAL

    def one(self) -> bytes:
        return self._before + os.urandom(_SERIAL) + self._after


def photograph(width: int, height: int, *, profile: str | None = None) -> bytes:
    """A JPEG of half a byte a pixel, the same each time: a smooth sky, a ground full of detail, grain over both.

    `profile` is one that libvips knows, such as `p3`, as phones write it; None is for colours of which nothing is told.
    """
    places = pyvips.Image.xyz(width, height)
    across, down = places[0] / width, places[1] / height
    ground = (down * 3 - 1).cast("float").clamp()
    detail = sum((_spots(width, height, *each) for each in _DETAILS[1:]), start=_spots(width, height, *_DETAILS[0]))
    light = detail * ground + down * 40 + 110 + pyvips.Image.gaussnoise(width, height, mean=0, sigma=_GRAIN, seed=1)
    image = light.bandjoin([light * 0.9 + across * 30, light * 0.7 - down * 40 + 60])
    image = image.cast("uchar").copy(interpretation="srgb")
    for name, value in _METADATA.items():
        image.set_type(pyvips.GValue.gstr_type, name, value)
    if profile:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", pyvips.Operation.call("profile_load", profile))
    return bytes(image.jpegsave_buffer(Q=93, subsample_mode="on"))


def _spots(width: int, height: int, size: int, sigma: int) -> Any:
    few = pyvips.Image.gaussnoise(-(-width // size), -(-height // size), mean=0, sigma=sigma, seed=size)
    return few.resize(width / few.width, vscale=height / few.height)


def noise(size: tuple[int, int] = _SIZE) -> bytes:
    """A JPEG of half a byte a pixel: of 6 MB, unless told otherwise."""
    encoded = io.BytesIO()
    Image.effect_noise(size, 100).convert("RGB").save(encoded, "JPEG", quality=60)
    return encoded.getvalue()

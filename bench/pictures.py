"""Pictures that are all different, and forms that carry them."""

import io
import os
from struct import pack

from PIL import Image

CONTENT_TYPE = "multipart/form-data; boundary=bench"
_SERIAL = 16
_SIZE = (4032, 3024)


class Forms:
    """Upload forms of one JPEG of about 6 MB, each with a comment in it that no other has."""

    def __init__(self) -> None:
        pixels = Image.effect_noise(_SIZE, 100).convert("RGB")
        encoded = io.BytesIO()
        pixels.save(encoded, "JPEG", quality=60)
        picture = encoded.getvalue()
        self._before = (
            b'--bench\r\nContent-Disposition: form-data; name="file"; filename="IMG_0001.jpg"\r\n'
            b"Content-Type: image/jpeg\r\n\r\n" + picture[:2] + b"\xff\xfe" + pack(">H", 2 + _SERIAL)
        )
        self._after = picture[2:] + b"\r\n--bench--\r\n"
        self.byte_size = len(picture) + 4 + _SERIAL

    def one(self) -> bytes:
        return self._before + os.urandom(_SERIAL) + self._after

"""DNGs with pixels: a sensor of one colour, and the preview that a camera puts beside it."""

from struct import pack

import numpy as np

_SHORT, _LONG, _RATIONAL, _SIGNED_RATIONAL, _TEXT, _BYTE = 3, 4, 5, 10, 2, 1
_LAYOUTS = {_BYTE: "B", _SHORT: "H", _LONG: "I", _RATIONAL: "I", _SIGNED_RATIONAL: "i"}
_IDENTITY = tuple(number for row in range(3) for column in range(3) for number in (int(row == column), 1))
Tag = tuple[int, int, "tuple[int, ...] | bytes"]


def a_dng_of(width: int = 64, height: int = 32, *, orientation: int = 1, preview: bytes = b"") -> bytes:
    """Red above and left, and darker elsewhere. `preview` is a JPEG."""
    mosaic = np.full((height, width), 2_000, dtype="<u2")
    mosaic[: height // 2, : width // 2] = 12_000
    mosaic[: height // 2 : 2, : width // 2 : 2] = 40_000
    sensor: list[Tag] = [
        (254, _LONG, (0,)),
        (256, _LONG, (width,)),
        (257, _LONG, (height,)),
        (258, _SHORT, (16,)),
        (259, _SHORT, (1,)),
        (262, _SHORT, (32803,)),
        (277, _SHORT, (1,)),
        (278, _LONG, (height,)),
        (279, _LONG, (width * height * 2,)),
        (33421, _SHORT, (2, 2)),
        (33422, _BYTE, (0, 1, 1, 2)),
        (50714, _SHORT, (0,)),
        (50717, _SHORT, (65535,)),
    ]
    camera: list[Tag] = [
        (271, _TEXT, b"Testco\0"),
        (272, _TEXT, b"One\0"),
        (274, _SHORT, (orientation,)),
        (50706, _BYTE, (1, 4, 0, 0)),
        (50707, _BYTE, (1, 1, 0, 0)),
        (50708, _TEXT, b"Testco One\0"),
        (50721, _SIGNED_RATIONAL, _IDENTITY),
        (50728, _RATIONAL, (1,) * 6),
        (50778, _SHORT, (21,)),
    ]
    return _with_preview(sensor, camera, mosaic.tobytes(), preview) if preview else _file([*sensor, *camera], mosaic)


def _file(tags: list[Tag], mosaic: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> bytes:
    end = 8 + len(_directory([*tags, (273, _LONG, (0,))], 8))
    return _head(8) + _directory([*tags, (273, _LONG, (end,))], 8) + mosaic.tobytes()


def _with_preview(sensor: list[Tag], camera: list[Tag], mosaic: bytes, preview: bytes) -> bytes:
    """The pixels first, then the preview's directory, and the sensor's below it."""
    start = 8 + len(mosaic) + len(preview)
    start += start % 2
    below = _directory([*sensor, (273, _LONG, (8,))], start)
    above: list[Tag] = [
        (254, _LONG, (1,)),
        (259, _SHORT, (7,)),
        (262, _SHORT, (6,)),
        (273, _LONG, (8 + len(mosaic),)),
        (279, _LONG, (len(preview),)),
        (330, _LONG, (start,)),
        *camera,
    ]
    pixels = (_head(start + len(below)) + mosaic + preview).ljust(start, b"\0")
    return pixels + below + _directory(above, start + len(below))


def _head(first: int) -> bytes:
    return b"II*\0" + pack("<I", first)


def _directory(tags: list[Tag], start: int) -> bytes:
    rows, data = b"", b""
    data_start = start + 2 + 12 * len(tags) + 4
    for tag, kind, value in sorted(tags):
        content = value if isinstance(value, bytes) else pack(f"<{len(value)}{_LAYOUTS[kind]}", *value)
        count = len(value) // 2 if kind in {_RATIONAL, _SIGNED_RATIONAL} else len(value)
        if len(content) > 4:
            rows += pack("<HHII", tag, kind, count, data_start + len(data))
            data += content + b"\0" * (len(content) % 2)
        else:
            rows += pack("<HHI", tag, kind, count) + content.ljust(4, b"\0")
    return pack("<H", len(tags)) + rows + b"\0\0\0\0" + data

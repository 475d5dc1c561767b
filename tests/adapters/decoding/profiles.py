"""Colour profiles, as small as they come (ICC.1:2001-04): three primaries and a curve."""

from struct import pack

# Of Adobe RGB (1998), adapted to D50: red, green and blue as X, Y and Z.
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
_D50 = (0.9642, 1.0, 0.8249)
Primaries = tuple[tuple[float, float, float], ...]


def matrix_profile(primaries: Primaries, *, gamma: float) -> bytes:
    curve = b"curv" + pack(">IIHxx", 0, 1, round(gamma * 256))
    content = {
        b"desc": b"desc" + pack(">II", 0, 5) + b"test\0" + bytes(79),
        b"cprt": b"text" + pack(">I", 0) + b"none\0\0\0\0",
        b"wtpt": _xyz(_D50),
        **{tag: _xyz(value) for tag, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, data = pack(">I", len(content)), b""
    start = 128 + 4 + 12 * len(content)
    for tag, value in content.items():
        table += tag + pack(">II", start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    return _header(start + len(data)) + table + data


def _header(size: int) -> bytes:
    begins = pack(">I4xI4s4s4s12x4s", size, 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return (begins + bytes(28) + _fixed(_D50)).ljust(128, b"\0")


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(value)


def _fixed(value: tuple[float, float, float]) -> bytes:
    return pack(">3i", *(round(each * 65536) for each in value))

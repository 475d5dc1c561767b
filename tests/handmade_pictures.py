"""Headers of formats for which there is no encoder here. They hold no pixels: no decoder would show them."""

from collections.abc import Mapping, Sequence
from struct import pack

from PIL import Image

Tags = Mapping[int, "int | str | tuple[int, ...]"]

_SENSOR = 32803
_FULL = {0xFE: 0, 0x106: _SENSOR}
_PREVIEW = {0xFE: 1, 0x100: 96, 0x101: 64, 0x106: 2, 0x103: 7}


def tiff_of(
    *pages: Tags, below: Sequence[Tags] = (), link: int = 0x14A, magic: bytes = b"II*\0", gap: bytes = b""
) -> bytes:
    """A little-endian TIFF of these directories, one after another. The first one's tag `link` leads to those `below`."""
    first = dict(pages[0])
    if below:
        first[link] = tuple(0 for _ in below)
    every: list[Tags] = [first, *pages[1:], *below]
    starts = [8 + len(gap)]
    for directory in every:
        starts.append(starts[-1] + len(_directory(directory, 0, 0)))
    if below:
        first[link] = tuple(starts[len(pages) : len(every)])
    following = [*starts[1 : len(pages)], 0, *(0 for _ in below)]
    return magic + pack("<I", starts[0]) + gap + b"".join(map(_directory, every, starts, following))


def a_dng(width: int = 4000, height: int = 3000, *, crop: tuple[int, int] | None = None, orientation: int = 1) -> bytes:
    """A preview, and below it the sensor's data with a border around the picture."""
    sensor: dict[int, int | str | tuple[int, ...]] = {**_FULL, 0x100: width, 0x101: height}
    if crop:
        sensor[0xC620] = crop
    return tiff_of({**_PREVIEW, 0x112: orientation, 0x10F: "Testco", 0xC612: 0x00000401}, below=[sensor])


def a_raw(make: str, width: int = 4000, height: int = 3000, *, orientation: int = 1, magic: bytes = b"II*\0") -> bytes:
    """What most cameras write: a TIFF that begins with a preview."""
    sensor = {**_FULL, 0x100: width, 0x101: height}
    return tiff_of({**_PREVIEW, 0x112: orientation, 0x10F: make}, below=[sensor], magic=magic)


def a_cr2(width: int = 4000, height: int = 3000) -> bytes:
    """The first directory is a preview's; the full size is only in the EXIF."""
    camera = {0xA002: width, 0xA003: height}
    return tiff_of({0x100: 1536, 0x101: 1024, 0x10F: "Canon"}, below=[camera], link=0x8769, gap=b"CR\2\0\0\0\0\0")


def an_rw2(width: int = 4000, height: int = 3000) -> bytes:
    sensor = {2: width + 100, 3: height + 50, 4: 10, 5: 20, 6: height + 10, 7: width + 20}
    return tiff_of({**sensor, 0x10F: "Panasonic"}, magic=b"IIU\0")


def a_cr3(
    width: int = 4000, height: int = 3000, *, orientation: int = 1, original: str = "2024:05:17 18:03:21"
) -> bytes:
    first = tiff_of({0x100: width, 0x101: height, 0x10F: "Canon", 0x112: orientation})
    camera = tiff_of({0x9003: original})
    inner = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + box(b"CMT1", first) + box(b"CMT2", camera)
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", box(b"uuid", inner)) + box(b"mdat", b"\0" * 64)


def a_raf(preview: bytes, width: int = 4000, height: int = 3000) -> bytes:
    """`preview` is a JPEG, which has the EXIF."""
    tags = pack(">I", 2) + pack(">HHHH", 0x100, 4, height + 20, width + 30) + pack(">HHHH", 0x111, 4, height, width)
    places = pack(">IIII", 160, len(preview), 160 + len(preview), len(tags))
    return (b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0") + places).ljust(160, b"\0") + preview + tags


def box(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content) + 8) + kind + content


def a_heic(
    width: int = 640,
    height: int = 480,
    *,
    rotation: int = 0,
    clean_aperture: tuple[int, int] | None = None,
    exif: bytes = b"",
    brands: Sequence[bytes] = (b"heic", b"mif1", b"heic"),
) -> bytes:
    """A `meta` box with one item, whose EXIF lies at the end of the file. `rotation` is in quarter turns."""
    properties = [box(b"ispe", pack(">III", 0, width, height))]
    if clean_aperture:
        properties.append(box(b"clap", pack(">8I", clean_aperture[0], 1, clean_aperture[1], 1, 0, 1, 0, 1)))
    if rotation:
        properties.append(box(b"irot", bytes([rotation])))
    ftyp = box(b"ftyp", brands[0] + b"\0\0\0\0" + b"".join(brands[1:]))
    payload = b"\0\0\0\6" + (exif or Image.Exif().tobytes())
    data = b"pixels" + payload
    start = len(ftyp) + len(_meta(properties, 0, len(payload))) + 8
    return ftyp + _meta(properties, start, len(payload)) + box(b"mdat", data)


def _meta(properties: list[bytes], start: int, exif_length: int) -> bytes:
    items = [pack(">IHH4sx", 0x02000000, 1, 0, b"hvc1"), pack(">IHH4sx", 0x02000000, 2, 0, b"Exif")]
    associations = bytes(range(1, len(properties) + 1))
    places = [(1, start, 6), (2, start + 6, exif_length)]
    locations = b"".join(pack(">HHHII", item, 0, 1, offset, length) for item, offset, length in places)
    content = [
        box(b"hdlr", pack(">II4s12xx", 0, 0, b"pict")),
        box(b"pitm", pack(">IH", 0, 1)),
        box(b"iinf", pack(">IH", 0, 2) + b"".join(box(b"infe", item) for item in items)),
        box(b"iloc", pack(">IHH", 0, 0x4400, 2) + locations),
        box(
            b"iprp",
            box(b"ipco", b"".join(properties)) + box(b"ipma", pack(">IIHB", 0, 1, 1, len(associations)) + associations),
        ),
    ]
    return box(b"meta", b"\0\0\0\0" + b"".join(content))


def _directory(tags: Tags, start: int, following: int) -> bytes:
    rows, data = b"", b""
    data_start = start + 2 + 12 * len(tags) + 4
    for tag, value in sorted(tags.items()):
        kind, count, content = _value(value)
        if len(content) > 4:
            rows += pack("<HHII", tag, kind, count, data_start + len(data))
            data += content + b"\0" * (len(content) % 2)
        else:
            rows += pack("<HHI", tag, kind, count) + content.ljust(4, b"\0")
    return pack("<H", len(tags)) + rows + pack("<I", following) + data


def _value(value: int | str | tuple[int, ...]) -> tuple[int, int, bytes]:
    if isinstance(value, str):
        return 2, len(value) + 1, value.encode() + b"\0"
    numbers = (value,) if isinstance(value, int) else value
    return 4, len(numbers), pack(f"<{len(numbers)}I", *numbers)

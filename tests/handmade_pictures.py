"""Headers of formats for which there is no encoder here. They hold no pixels: no decoder would show them."""

from collections.abc import Mapping, Sequence
from struct import pack

from PIL import Image

Value = int | str | bytes | tuple[int, ...] | tuple[tuple[int, int], ...]
Tags = Mapping[int, Value]
_NONE: Tags = {}

_SENSOR = 32803
_FULL = {0xFE: 0, 0x106: _SENSOR}
_PREVIEW = {0xFE: 1, 0x100: 96, 0x101: 64, 0x106: 2, 0x103: 7}


def tiff_of(
    *pages: Tags,
    below: Sequence[Tags] = (),
    link: int = 0x14A,
    linked: Mapping[int, Tags] | None = None,
    magic: bytes = b"II*\0",
    gap: bytes = b"",
) -> bytes:
    """A little-endian TIFF of these directories, one after another. The first one's tag `link` leads to those `below`,
    and its other tags each to the one that is `linked`. A pair of integers is a fraction."""
    groups = {link: list(below)} if below else {}
    groups |= {tag: [directory] for tag, directory in (linked or {}).items()}
    first = {**pages[0], **{tag: tuple(0 for _ in group) for tag, group in groups.items()}}
    every: list[Tags] = [first, *pages[1:], *(directory for group in groups.values() for directory in group)]
    starts = [8 + len(gap)]
    for directory in every:
        starts.append(starts[-1] + len(_directory(directory, 0, 0)))
    position = len(pages)
    for tag, group in groups.items():
        first[tag] = tuple(starts[position : position + len(group)])
        position += len(group)
    following = [*starts[1 : len(pages)], 0, *(0 for _ in every[len(pages) :])]
    return magic + pack("<I", starts[0]) + gap + b"".join(map(_directory, every, starts, following))


def a_dng(width: int = 4000, height: int = 3000, *, crop: tuple[int, int] | None = None, orientation: int = 1) -> bytes:
    """A preview, and below it the sensor's data with a border around the picture."""
    sensor: dict[int, Value] = {**_FULL, 0x100: width, 0x101: height}
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
    width: int = 4000,
    height: int = 3000,
    *,
    orientation: int = 1,
    original: str = "2024:05:17 18:03:21",
    camera: Tags = _NONE,
    position: Tags = _NONE,
    xmp: bytes = b"",
) -> bytes:
    first = tiff_of({0x100: width, 0x101: height, 0x10F: "Canon", 0x112: orientation})
    inner = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + box(b"CMT1", first)
    inner += box(b"CMT2", tiff_of({0x9003: original, **camera}))
    if position:
        inner += box(b"CMT4", tiff_of(position))
    packet = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + xmp) if xmp else b""
    movie = box(b"moov", box(b"uuid", inner))
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + movie + packet + box(b"mdat", b"\0" * 64)


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
    xmp: bytes = b"",
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
    items = [(b"hvc1\0", b"pixels"), (b"Exif\0", payload)]
    if xmp:
        items.append((b"mime\0application/rdf+xml\0", xmp))
    start = len(ftyp) + len(_meta(properties, items, 0)) + 8
    return ftyp + _meta(properties, items, start) + box(b"mdat", b"".join(content for _, content in items))


def _meta(properties: list[bytes], contents: list[tuple[bytes, bytes]], start: int) -> bytes:
    items, locations = [], b""
    for item, (kind, content) in enumerate(contents, 1):
        items.append(pack(">IHH", 0x02000000, item, 0) + kind)
        locations += pack(">HHHII", item, 0, 1, start, len(content))
        start += len(content)
    associations = bytes(range(1, len(properties) + 1))
    tables = [
        box(b"hdlr", pack(">II4s12xx", 0, 0, b"pict")),
        box(b"pitm", pack(">IH", 0, 1)),
        box(b"iinf", pack(">IH", 0, len(items)) + b"".join(box(b"infe", item) for item in items)),
        box(b"iloc", pack(">IHH", 0, 0x4400, len(items)) + locations),
        box(
            b"iprp",
            box(b"ipco", b"".join(properties)) + box(b"ipma", pack(">IIHB", 0, 1, 1, len(associations)) + associations),
        ),
    ]
    return box(b"meta", b"\0\0\0\0" + b"".join(tables))


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


def _value(value: Value) -> tuple[int, int, bytes]:
    if isinstance(value, str):
        return 2, len(value.encode()) + 1, value.encode() + b"\0"
    if isinstance(value, bytes):
        return 7, len(value), value
    numbers: list[int] = []
    pairs = 0
    for part in (value,) if isinstance(value, int) else value:
        pairs += isinstance(part, tuple)
        numbers.extend(part if isinstance(part, tuple) else (part,))
    if pairs:
        signed = min(numbers) < 0
        return (10 if signed else 5), pairs, pack(f"<{len(numbers)}{'i' if signed else 'I'}", *numbers)
    return 4, len(numbers), pack(f"<{len(numbers)}I", *numbers)

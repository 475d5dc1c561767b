"""Metadata, and the files that embed them, as cameras and programs write them."""

from collections.abc import Mapping, Sequence
from struct import pack

from tests.handmade_pictures import Tags, tiff_of
from tests.pictures import a_gif, a_jpeg, a_png, a_webp, png_chunk

_NONE: Tags = {}
_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
_NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
)


def tags_for(*, first: Tags = _NONE, camera: Tags = _NONE, position: Tags = _NONE) -> bytes:
    """EXIF as it is embedded, of three directories."""
    return b"Exif\0\0" + tiff_of(first, linked={0x8769: camera, 0x8825: position})


def a_tagged_tiff(*, first: Tags = _NONE, camera: Tags = _NONE, position: Tags = _NONE) -> bytes:
    """The file is the EXIF."""
    return tiff_of({0x100: 16, 0x101: 12, 0x111: 8, **first}, linked={0x8769: camera, 0x8825: position})


def an_xmp(*keywords: str, properties: Mapping[str, str] | None = None, inside: str = "") -> bytes:
    """A packet; `inside` is written into its description as it is."""
    attributes = " ".join(f'{name}="{value}"' for name, value in (properties or {}).items())
    items = "".join(f"<rdf:li>{keyword}</rdf:li>" for keyword in keywords)
    subject = f"<dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>" if keywords else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF {_RDF}><rdf:Description rdf:about="" {_NAMESPACES} {attributes}>{subject}{inside}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta>\n   \n<?xpacket end="w"?>'
    ).encode()


def an_iptc(*keywords: bytes, utf_8: bool = False, day: bytes = b"", clock: bytes = b"") -> bytes:
    rows = [(1, 90, b"\x1b%G")] if utf_8 else []
    rows += [(2, 25, keyword) for keyword in keywords]
    rows += [(2, dataset, value) for dataset, value in ((55, day), (60, clock)) if value]
    return b"".join(pack(">BBBH", 0x1C, record, dataset, len(value)) + value for record, dataset, value in rows)


def photoshop_resources(iptc: bytes) -> bytes:
    """IPTC behind another resource, which has a name, and an odd length."""
    return _resource(0x03ED, b"three", b"odd") + _resource(0x0404, b"", iptc)


def _resource(kind: int, name: bytes, content: bytes) -> bytes:
    padded = bytes([len(name)]) + name
    padded += b"\0" * (len(padded) % 2)
    return b"8BIM" + pack(">H", kind) + padded + pack(">I", len(content)) + content + b"\0" * (len(content) % 2)


def a_jpeg_with(*segments: tuple[int, bytes], exif: bytes = b"") -> bytes:
    """A JPEG that begins with these segments, of a marker and its content."""
    jpeg = a_jpeg(exif=exif)
    written = b"".join(
        b"\xff" + bytes([marker]) + pack(">H", len(content) + 2) + content for marker, content in segments
    )
    return jpeg[:2] + written + jpeg[2:]


def jpeg_xmp(packet: bytes) -> tuple[int, bytes]:
    return 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet


def jpeg_extended_xmp(packet: bytes, *, identity: str, part: int = 100) -> Sequence[tuple[int, bytes]]:
    """The last part first: nothing promises an order."""
    parts = [
        identity.encode() + pack(">II", len(packet), offset) + packet[offset : offset + part]
        for offset in range(0, len(packet), part)
    ]
    return [(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + content) for content in reversed(parts)]


def jpeg_iptc(iptc: bytes) -> tuple[int, bytes]:
    return 0xED, b"Photoshop 3.0\0" + photoshop_resources(iptc)


def a_png_with(kind: bytes, content: bytes, *, behind_pixels: bool = False) -> bytes:
    png = a_png()
    at = len(png) - 12 if behind_pixels else 33
    return png[:at] + png_chunk(kind, content) + png[at:]


def a_webp_with(kind: bytes, content: bytes) -> bytes:
    webp = a_webp(exif=tags_for(first={0x112: 1}))
    body = webp[8:] + kind + pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + pack("<I", len(body)) + body


def a_gif_with_xmp(packet: bytes) -> bytes:
    gif = a_gif()
    trailer = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    palette = 13 + (3 * 2 ** ((gif[10] & 7) + 1) if gif[10] & 0x80 else 0)
    return gif[:palette] + b"\x21\xff\x0bXMP DataXMP" + packet + trailer + gif[palette:]

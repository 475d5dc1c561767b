"""Pictures full of places, and what is left of them."""

from io import BytesIO
from struct import pack

from PIL import Image

from photostore.photo.metadata_policy import CleanCopy, MetadataPolicy, open_pieces
from photostore.shared.blobs import blob_key
from photostore_adapters.imaging.stripping.remover import StreamingMetadataRemover
from tests.fakes.blob_store import FakeBlobStore
from tests.pictures import a_jpeg, png_chunk

KEY = blob_key("a/photo")
KEEP, NO_LOCATION, NONE = MetadataPolicy.KEEP, MetadataPolicy.NO_LOCATION, MetadataPolicy.NONE
BOTH = [NO_LOCATION, NONE]
LATITUDE = (48.0, 51.0, 30.25)
LATITUDE_BYTES = pack(">6I", 48, 1, 51, 1, 121, 4)
XMP_SIGNATURE = b"http://ns.adobe.com/xap/1.0/\0"
_NAMESPACES = (
    b'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    b'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"'
)


def a_store(content: bytes) -> FakeBlobStore:
    store = FakeBlobStore()
    store.blobs[KEY] = content
    return store


async def plan_of(content: bytes, content_type: str, policy: MetadataPolicy) -> CleanCopy:
    remover = StreamingMetadataRemover(a_store(content))
    return await remover.clean_copy(KEY, content_type=content_type, byte_size=len(content), policy=policy)


async def cleaned(content: bytes, content_type: str, policy: MetadataPolicy) -> bytes:
    copy = await plan_of(content, content_type, policy)
    async with open_pieces(a_store(content), KEY, copy.pieces) as chunks:
        clean = b"".join([chunk async for chunk in chunks])
    assert len(clean) == copy.byte_size
    return clean


def a_scene(number: int = 0) -> Image.Image:
    """Pixels that hardly repeat, in colours; another scene for another number."""
    bands = [Image.radial_gradient("L").rotate(31 * (number + band)).resize((70, 50)) for band in range(3)]
    return Image.merge("RGB", bands)


def frames(content: bytes) -> list[bytes]:
    """The pixels of each, and the colour profile."""
    with Image.open(BytesIO(content)) as picture:
        found = [picture.info.get("icc_profile", b"")]
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            found.append(picture.convert("RGBA").tobytes())
    return found


def exif_of(content: bytes) -> Image.Exif:
    with Image.open(BytesIO(content)) as picture:
        return picture.getexif()


def located_exif(*, orientation: int | None = None, make: str = "Testco", maker_note: bytes = b"") -> bytes:
    """As `Exif` and two noughts, then a TIFF, which is how Pillow writes it."""
    exif = Image.Exif()
    exif[0x10F] = make
    if orientation:
        exif[0x112] = orientation
    exif.get_ifd(0x8769)[0x9003] = "2024:05:17 18:03:21"
    if maker_note:
        exif.get_ifd(0x8769)[0x927C] = maker_note
    exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: (2.0, 20.0, 55.0)})
    return exif.tobytes()


def xmp(attributes: bytes = b"", elements: bytes = b"") -> bytes:
    return (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        + _NAMESPACES
        + b" "
        + attributes
        + b">"
        + elements
        + b'</rdf:Description></rdf:RDF></x:xmpmeta>   <?xpacket end="w"?>'
    )


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + pack(">H", len(body) + 2) + body


def jpeg_with(*segments: bytes, trailer: bytes = b"") -> bytes:
    plain = a_jpeg()
    return plain[:2] + b"".join(segments) + plain[2:] + trailer


def png_with(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Right after the header."""
    return png[:33] + b"".join(png_chunk(kind, content) for kind, content in chunks) + png[33:]


def webp_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def webp_with(webp: bytes, *chunks: bytes, flags: int) -> bytes:
    """An extended WebP, with chunks added to its end."""
    body = webp[12:20] + bytes([webp[20] | flags]) + webp[21:] + b"".join(chunks)
    return b"RIFF" + pack("<I", len(body) + 4) + b"WEBP" + body

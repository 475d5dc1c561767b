from datetime import UTC, datetime
from zlib import compress

import pytest

from photostore.photo.picture import PictureFacts
from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.facts import facts_of
from photostore_adapters.imaging.reading import InMemory
from tests.handmade_metadata import (
    a_gif_with_xmp,
    a_jpeg_with,
    a_png_with,
    a_tagged_tiff,
    a_webp_with,
    an_iptc,
    an_xmp,
    jpeg_extended_xmp,
    jpeg_iptc,
    jpeg_xmp,
    photoshop_resources,
    tags_for,
)
from tests.handmade_pictures import a_cr3, a_dng, a_heic, a_raf
from tests.pictures import a_jpeg, a_png, a_tiff, a_webp

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
XMP = an_xmp("mountains", "Zürich")
IPTC = an_iptc(b"mountains", "Zürich".encode(), utf_8=True)
BOTH = ("mountains", "Zürich")
IDENTITY = "0123456789ABCDEF0123456789ABCDEF"


def facts(content: bytes) -> PictureFacts:
    return facts_of(InMemory(content), content_type=sniffing.sniff(content[:512]), now=NOW)


def itxt(packet: bytes, *, packed: bool = False) -> bytes:
    text = compress(packet) if packed else packet
    return b"XML:com.adobe.xmp\0" + bytes([packed, 0]) + b"en\0XMP\0" + text


def raw_profile(name: bytes, content: bytes) -> bytes:
    digits = content.hex().encode()
    lines = b"\n".join(digits[start : start + 72] for start in range(0, len(digits), 72))
    return b"\n" + name + b"\n" + b"%8d" % len(content) + b"\n" + lines + b"\n"


CONTAINERS = {
    "JPEG": a_jpeg_with(jpeg_xmp(XMP)),
    "PNG": a_png_with(b"iTXt", itxt(XMP)),
    "PNG, packed": a_png_with(b"iTXt", itxt(XMP, packed=True)),
    "PNG, behind the pixels": a_png_with(b"iTXt", itxt(XMP), behind_pixels=True),
    "PNG, as ImageMagick writes it": a_png_with(
        b"zTXt", b"Raw profile type xmp\0\0" + compress(raw_profile(b"xmp", XMP))
    ),
    "WebP": a_webp_with(b"XMP ", XMP),
    "GIF": a_gif_with_xmp(XMP),
    "HEIC": a_heic(xmp=XMP),
    "AVIF": a_heic(xmp=XMP, brands=(b"avif", b"mif1")),
    "TIFF": a_tagged_tiff(first={700: XMP}),
    "CR3": a_cr3(xmp=XMP),
    "RAF": a_raf(a_jpeg_with(jpeg_xmp(XMP))),
    "IPTC in JPEG": a_jpeg_with(jpeg_iptc(IPTC)),
    "IPTC in TIFF": a_tagged_tiff(first={0x83BB: IPTC}),
    "IPTC in TIFF, of Photoshop": a_tagged_tiff(first={0x8649: photoshop_resources(IPTC)}),
    "IPTC in PNG": a_png_with(
        b"zTXt", b"Raw profile type iptc\0\0" + compress(raw_profile(b"iptc", photoshop_resources(IPTC)))
    ),
    "Windows": a_jpeg(exif=tags_for(first={0x9C9E: "mountains;Zürich\0".encode("utf-16-le")})),
    "Windows in TIFF": a_tagged_tiff(first={0x9C9E: "mountains;Zürich\0".encode("utf-16-le")}),
}


@pytest.mark.parametrize("container", list(CONTAINERS))
def test_keywords_are_found_wherever_they_are_written(container: str) -> None:
    assert facts(CONTAINERS[container]).keywords == BOTH


@pytest.mark.parametrize("content", [a_jpeg(), a_png(), a_webp(), a_tiff(), a_dng(), a_heic(), a_cr3()])
def test_a_picture_without_keywords_has_none(content: bytes) -> None:
    assert facts(content).keywords == ()


def test_each_keyword_is_told_once_in_the_order_of_the_places() -> None:
    content = a_jpeg_with(
        jpeg_xmp(an_xmp("b", "c", "a")),
        jpeg_iptc(an_iptc(b"a", b"b", b"a")),
        exif=tags_for(first={0x9C9E: "d; c ;;B".encode("utf-16-le")}),
    )

    assert facts(content).keywords == ("a", "b", "c", "d", "B")


def test_keywords_are_trimmed_and_of_bounded_length_and_number() -> None:
    written = ["  a\nb\t", "\x85", " ", "x" * 300, *(str(number) for number in range(300))]

    keywords = facts(a_jpeg_with(jpeg_xmp(an_xmp(*written)))).keywords

    assert keywords[:3] == ("a b", "x" * 200, "0")
    assert len(keywords) == 200


@pytest.mark.parametrize(
    ("iptc", "keyword"),
    [
        (an_iptc("Zürich".encode(), utf_8=True), "Zürich"),
        (an_iptc("Zürich".encode()), "Zürich"),
        (an_iptc("Zürich".encode("latin-1")), "Zürich"),
        (an_iptc("Zürich".encode("latin-1"), utf_8=True), "Zürich"),
    ],
)
def test_iptc_is_read_in_the_characters_in_which_it_is_written(iptc: bytes, keyword: str) -> None:
    assert facts(a_jpeg_with(jpeg_iptc(iptc))).keywords == (keyword,)


def test_iptc_may_go_on_in_the_next_segment() -> None:
    marker, content = jpeg_iptc(IPTC)
    resources = content.removeprefix(b"Photoshop 3.0\0")
    halves = [(marker, b"Photoshop 3.0\0" + half) for half in (resources[:40], resources[40:])]

    assert facts(a_jpeg_with(*halves)).keywords == BOTH


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_xmp_may_be_in_other_encodings(encoding: str) -> None:
    packet = XMP.decode().replace("\ufeff", "").encode(encoding)

    assert facts(a_webp_with(b"XMP ", packet)).keywords == BOTH


def test_xmp_may_be_longer_than_a_segment() -> None:
    main = an_xmp("short", properties={"xmpNote:HasExtendedXMP": IDENTITY})
    extended = jpeg_extended_xmp(an_xmp("long"), identity=IDENTITY)
    foreign = jpeg_extended_xmp(an_xmp("foreign"), identity="F" * 32)

    assert facts(a_jpeg_with(jpeg_xmp(main), *foreign, *extended)).keywords == ("short", "long")


def test_extended_xmp_that_has_a_hole_costs_only_itself() -> None:
    main = an_xmp("short", properties={"xmpNote:HasExtendedXMP": IDENTITY})
    first, *_, last = jpeg_extended_xmp(an_xmp("long"), identity=IDENTITY)

    assert facts(a_jpeg_with(jpeg_xmp(main), first, last)).keywords == ("short",)


def test_the_keywords_of_other_pictures_that_xmp_mentions_are_not_this_ones() -> None:
    inside = "<photoshop:Ingredients><rdf:Bag><rdf:li><rdf:Description><dc:subject>other</dc:subject></rdf:Description>"
    packet = an_xmp("this", inside=inside + "</rdf:li></rdf:Bag></photoshop:Ingredients>")

    assert facts(a_jpeg_with(jpeg_xmp(packet))).keywords == ("this",)


def test_one_keyword_may_be_written_without_a_list() -> None:
    packet = an_xmp(inside="<dc:subject>alone</dc:subject>")

    assert facts(a_jpeg_with(jpeg_xmp(packet))).keywords == ("alone",)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
HOSTILE_XMP = {
    "bomb": BOMB.encode() + XMP.replace(b"mountains", b"&b;"),
    "external entity": EXTERNAL.encode() + XMP.replace(b"mountains", b"&a;"),
    "empty document type": b"<!DOCTYPE x>" + XMP,
    "cut short": XMP[:-200],
    "nested deeply": an_xmp("a", inside="<rdf:li>" * 100 + "</rdf:li>" * 100),
    "elements without number": an_xmp("a", inside="<a/>" * 30_000),
    "names without end": an_xmp("a", inside='<z:a xmlns:z="' + "z" * 9000 + '"/>'),
    "too large": an_xmp("a", inside=" " * 1_100_000),
    "undeclared prefix": an_xmp("a", inside="<none:b/>"),
    "no XML": b"mountains",
    "noughts": bytes(1000),
}


@pytest.mark.parametrize("kind", list(HOSTILE_XMP))
def test_hostile_xmp_is_no_xmp(kind: str) -> None:
    assert facts(a_webp_with(b"XMP ", HOSTILE_XMP[kind])).keywords == ()


def test_broken_xmp_costs_nothing_else() -> None:
    content = a_jpeg_with(jpeg_xmp(HOSTILE_XMP["bomb"]), jpeg_iptc(IPTC), exif=tags_for(first={0x10F: "Testco"}))

    told = facts(content)

    assert told.keywords == BOTH
    assert told.camera is not None


@pytest.mark.parametrize(
    "chunk",
    [
        (b"zTXt", b"Raw profile type xmp\0\0" + compress(bytes(30_000_000))),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + compress(bytes(30_000_000))),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + b"no deflate"),
        (b"iTXt", b"XML:com.adobe.xmp\0"),
        (b"iTXt", b"XML:com.adobe.xmp"),
        (b"zTXt", b"Raw profile type iptc\0\0" + compress(b"\niptc\n 8\nno digits")),
        (b"tEXt", b"Raw profile type iptc\0" + b"\niptc\n 8\n1c02"),
        (b"tEXt", b"Comment\0mountains"),
    ],
)
def test_a_text_that_inflates_without_end_or_not_at_all_says_nothing(chunk: tuple[bytes, bytes]) -> None:
    assert facts(a_png_with(*chunk)) == PictureFacts()


@pytest.mark.parametrize(
    "iptc",
    [
        b"\x1c\x02\x19\xff\xff" + b"a" * 100,
        b"\x1c\x02\x19\x00\x64a",
        b"\x1c\x02\x19",
        b"\x1c",
        b"mountains",
        b"",
    ],
)
def test_broken_iptc_is_no_iptc(iptc: bytes) -> None:
    assert facts(a_jpeg_with(jpeg_iptc(iptc))).keywords == ()
    assert facts(a_tagged_tiff(first={0x83BB: iptc})).keywords == ()
    assert facts(a_jpeg_with((0xED, b"Photoshop 3.0\0" + iptc), (0xED, b"Photoshop 3.0\08BIM"))).keywords == ()


def test_what_came_before_broken_iptc_is_kept() -> None:
    assert facts(a_jpeg_with(jpeg_iptc(IPTC + b"\x1c\x02\x19\x7f\xffa"))).keywords == BOTH

"""Types by magic bytes, in tables of our own: what is accepted, and what a refusal calls the rest."""

from photostore.upload.pictures import ACCEPTED_FORMATS, UnsupportedImage

JPEG, PNG, WEBP, GIF, TIFF = "image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff"
HEIC, HEIF, AVIF = "image/heic", "image/heif", "image/avif"
DNG, CR2, CR3, RAF = "image/x-adobe-dng", "image/x-canon-cr2", "image/x-canon-cr3", "image/x-fuji-raf"
ORF, RW2 = "image/x-olympus-orf", "image/x-panasonic-rw2"

HEAD = 512
SEQUENCE_BRANDS = frozenset({b"avis", b"msf1", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"msf1", b"mif2", b"miaf"})

_ACCEPTED = (
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (0, b"GIF87a", GIF),
    (0, b"GIF89a", GIF),
    (0, b"II*\0", TIFF),
    (0, b"MM\0*", TIFF),
    (0, b"II+\0", TIFF),
    (0, b"MM\0+", TIFF),
    (0, b"FUJIFILMCCD-RAW", RAF),
    (0, b"IIRO", ORF),
    (0, b"IIRS", ORF),
    (0, b"MMOR", ORF),
    (0, b"IIU\0", RW2),
)
_REFUSED = (
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"8BPS", "Photoshop (PSD)"),
    (0, b"%PDF-", "PDF"),
    (0, b"%!PS", "PostScript (EPS)"),
    (0, b"\xc5\xd0\xd3\xc6", "PostScript (EPS)"),
    (0, b"BM", "BMP"),
    (0, b"\0\0\1\0", "an icon (ICO)"),
    (0, b"\0\0\2\0", "a cursor (CUR)"),
    (0, b"icns", "an icon (ICNS)"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"gimp xcf", "GIMP (XCF)"),
    (0, b"\0MRM", "Minolta RAW (MRW)"),
    (0, b"FOVb", "Sigma RAW (X3F)"),
    (6, b"HEAPCCDR", "Canon RAW of the first kind (CRW)"),
    (8, b"AVI ", "a video (AVI)"),
    (8, b"WAVE", "audio (WAV)"),
    (4, b"moov", "a video (QuickTime)"),
    (4, b"mdat", "a video (QuickTime)"),
    (4, b"wide", "a video (QuickTime)"),
    (0, b"\x1a\x45\xdf\xa3", "a video (Matroska or WebM)"),
    (0, b"\0\0\1\xba", "a video (MPEG)"),
    (0, b"\0\0\1\xb3", "a video (MPEG)"),
    (0, b"FLV\x01", "a video (Flash)"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "a video (Windows Media)"),
    (0, b"OggS", "audio or video (Ogg)"),
    (0, b"fLaC", "audio (FLAC)"),
    (0, b"ID3", "audio (MP3)"),
    (0, b"\xff\xfb", "audio (MP3)"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"PK\x05\x06", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\x7fELF", "a program (ELF)"),
    (0, b"MZ", "a program (Windows)"),
)
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe")
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f\x1b")


def sniff(head: bytes) -> str:
    """The content type of the file that begins with `head`. Raise `UnsupportedImage`, which names what it is instead."""
    if head[:4] in {b"II*\0", b"MM\0*"} and head[8:10] == b"CR":
        return CR2
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    found = _lookup(_ACCEPTED, head) or (_by_brand(head) if head[4:8] == b"ftyp" else None)
    if found is None:
        raise UnsupportedImage(f"The file is {_name(head)}; accepted are {ACCEPTED_FORMATS}.")
    return found


def brands(head: bytes) -> tuple[bytes, frozenset[bytes]]:
    """The major brand of an ISO base media file, and all of its brands."""
    end = min(int.from_bytes(head[:4], "big"), len(head), HEAD)
    compatible = {head[position : position + 4] for position in range(16, end - 3, 4)}
    return head[8:12], frozenset(compatible | {head[8:12]})


def _by_brand(head: bytes) -> str | None:
    major, every = brands(head)
    for asked in (frozenset({major}), every):
        if asked & _AVIF_BRANDS:
            return AVIF
        if asked & _HEIC_BRANDS:
            return HEIC
        if b"crx " in asked:
            return CR3
    return HEIF if every & _HEIF_BRANDS else None


def _name(head: bytes) -> str:
    if not head:
        return "empty"
    found = _lookup(_REFUSED, head)
    if found:
        return found
    if head[4:8] == b"ftyp":
        return "audio (MPEG-4)" if head[8:11] in {b"M4A", b"M4B"} else "a video (MP4 or QuickTime)"
    return _text(head) or "of a kind that is not known"


def _text(head: bytes) -> str | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in start):
        return "SVG"
    if start.startswith(_HTML) or (start.startswith(b"<!--") and b"<html" in start):
        return "HTML"
    if start.startswith(b"<?xml"):
        return "XML"
    try:
        head[: max(len(head) - 3, 1)].decode()  # the last character may be cut
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return None
    return None if any(byte in _CONTROL for byte in head) else "plain text"


def _lookup(table: tuple[tuple[int, bytes, str], ...], head: bytes) -> str | None:
    return next((name for offset, magic, name in table if head[offset : offset + len(magic)] == magic), None)

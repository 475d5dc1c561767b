"""Metadata in PNG's texts: XMP where it belongs, and what ImageMagick writes as hexadecimal digits."""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice

from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.reading import BrokenPictureError

XMP, IPTC, EXIF = "xmp", "iptc", "exif"
_MAX_TEXT = 1024 * 1024
_MAX_PROFILES = 8
_KEYWORDS = {
    b"XML:com.adobe.xmp": XMP,
    b"Raw profile type xmp": XMP,
    b"Raw profile type iptc": IPTC,
    b"Raw profile type 8bim": IPTC,
    b"Raw profile type exif": EXIF,
    b"Raw profile type APP1": EXIF,
}
_LONGEST_KEYWORD = 80


def profiles_in(blocks: Iterable[Block], wanted: str) -> Iterator[bytes]:
    """The first few of this kind of metadata: to inflate a thousand texts would take longer than the picture."""
    texts = (block for block in blocks if block.kind is BlockKind.PNG_TEXT)
    for keyword, block in islice(_of_kind(texts, wanted), _MAX_PROFILES):
        with suppress(BrokenPictureError):  # the others may be whole
            text = _text(block.label, block.read(most=_MAX_TEXT)[len(keyword) + 1 :])
            yield _from_digits(text) if keyword.startswith(b"Raw") else text


def _of_kind(texts: Iterable[Block], wanted: str) -> Iterator[tuple[bytes, Block]]:
    for block in texts:
        try:
            head = block.view.read(0, min(block.view.byte_size, _LONGEST_KEYWORD))
        except BrokenPictureError:
            return  # enough was read
        keyword, separator, _ = head.partition(b"\0")
        if separator and _KEYWORDS.get(keyword) == wanted:
            yield keyword, block


def _text(kind: bytes, content: bytes) -> bytes:
    if kind == b"tEXt":
        return content
    if kind == b"zTXt":
        return _inflated(content[1:])
    packed = content[:1] == b"\1"
    text = content[2:].split(b"\0", 2)[-1]  # behind a language and the keyword in that language
    return _inflated(text) if packed else text


def _inflated(content: bytes) -> bytes:
    """Nothing when it is more than anyone has to say."""
    inflating = zlib.decompressobj()
    try:
        text = inflating.decompress(content, _MAX_TEXT)
    except zlib.error:
        return b""
    return b"" if inflating.unconsumed_tail else text


def _from_digits(text: bytes) -> bytes:
    """A name, a length, and lines of digits."""
    _, _, digits = text.lstrip(b"\n").partition(b"\n")
    _, _, digits = digits.strip().partition(b"\n")
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""

"""A clean copy of a PNG: the chunks that its pixels and colours need, and of the others those that tell no place."""

from zlib import crc32, decompressobj, error

from photostore.photo.metadata_policy import CleanCopy, MetadataPolicy
from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.assembling import Assembling, Patch
from photostore_adapters.imaging.stripping.blocks import MAX_BLOCK, Cleaned, MetadataBlocks
from photostore_adapters.imaging.stripping.incoming import Incoming, Parsing
from photostore_adapters.imaging.stripping.profiles import inflated_profile_size

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PICTURE = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sRGB", b"cICP", b"sBIT", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT", b"mDCV", b"mDCv", b"cLLI", b"cLLi",
}  # fmt: skip
_HARMLESS = {b"tIME", b"hIST", b"sPLT", b"pCAL", b"sCAL", b"oFFs", b"sTER"}
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_XMP = b"XML:com.adobe.xmp\0"
_RAW_PROFILE = b"Raw profile type "  # EXIF, IPTC or XMP in hexadecimal digits, as ImageMagick wrote them
_PROFILE_NAME = b"ICC Profile\0"  # whatever its own was: any text can be one
_MAX_PROFILE = 4 * 1024 * 1024
_CRITICAL = range(ord("A"), ord("Z") + 1)


def clean_png(incoming: Incoming, policy: MetadataPolicy) -> Parsing[CleanCopy]:
    if (yield from incoming.take(8)) != _SIGNATURE:
        raise BrokenPictureError("it does not begin as a PNG does")
    chunks = _Chunks(policy)
    kind = b""
    while kind != b"IEND":
        start = incoming.position
        head = yield from incoming.take(8)
        kind, length = head[4:], int.from_bytes(head[:4], "big")
        if kind in chunks.kept:
            yield from incoming.skip(length + 4)
            chunks.target.copy(start, length + 12)
        elif chunks.wants(kind, length):
            chunks.add(kind, start, (yield from incoming.take(length)))
            yield from incoming.skip(4)
        elif kind[0] in _CRITICAL or not kind.isalpha():
            raise BrokenPictureError("it has a part that nobody knows")
        else:
            yield from incoming.skip(length + 4)
    return chunks.target.finished(head=_SIGNATURE)


class _Chunks:
    def __init__(self, policy: MetadataPolicy) -> None:
        self.target = Assembling()
        self._blocks = MetadataBlocks(policy)
        self._had_profile = False
        self.kept = _PICTURE if self._blocks.strips_all else _PICTURE | _HARMLESS

    def wants(self, kind: bytes, length: int) -> bool:
        if kind == b"eXIf":
            return length <= MAX_BLOCK
        if kind == b"iCCP":
            return length <= _MAX_PROFILE and not self._had_profile
        return kind in _TEXTS and self._blocks.may_look(length)

    def add(self, kind: bytes, start: int, content: bytes) -> None:
        """`start` is where the chunk begins in the file; `wants` was asked."""
        if kind == b"eXIf":
            self._clean(kind, start, content, self._blocks.exif(content))
        elif kind == b"iCCP":
            self._profile(start, content)
        elif kind == b"iTXt" and content.startswith(_XMP + b"\0"):
            self._xmp(start, content)
        elif not content.startswith(_RAW_PROFILE) and self._keeps_text(kind, content):
            self.target.copy(start, len(content) + 12)

    def _profile(self, start: int, content: bytes) -> None:
        """Compressed, after a name and a nought for how."""
        self._had_profile = True
        name, _, rest = content.partition(b"\0")
        size = inflated_profile_size(rest[1:]) if rest[:1] == b"\0" else None
        if size is not None:
            told = _PROFILE_NAME + rest[: 1 + size]
            self.target.write(len(told).to_bytes(4, "big") + b"iCCP" + _PROFILE_NAME)
            self.target.copy(start + 8 + len(name) + 1, 1 + size)
            self.target.write(_checksum(b"iCCP", told))

    def _xmp(self, start: int, content: bytes) -> None:
        """Not compressed: two empty fields end before it."""
        packet_at = len(_XMP) + 2
        for _ in range(2):
            packet_at = content.find(b"\0", packet_at) + 1
            if not packet_at:
                return
        patches = self._blocks.xmp(content[packet_at:])
        if patches is not None and not isinstance(patches, bytes):
            moved = [Patch(packet_at + patch.offset, patch.content) for patch in patches]
            self._clean(b"iTXt", start, content, moved)

    def _keeps_text(self, kind: bytes, content: bytes) -> bool:
        keyword, _, rest = content.partition(b"\0")
        if kind == b"iTXt" and rest[:1] == b"\1":
            parts = rest[2:].split(b"\0", 2)
            return len(parts) == 3 and self._keeps_compressed(keyword + b" " + parts[1], parts[2])
        if kind == b"zTXt":
            return self._keeps_compressed(keyword, rest[1:])
        return self._blocks.keeps_text(content)

    def _keeps_compressed(self, keyword: bytes, compressed: bytes) -> bool:
        """What inflates to more than one may look at goes."""
        inflating = decompressobj()
        try:
            text = inflating.decompress(compressed, MAX_BLOCK)
        except error:
            return False
        return inflating.eof and self._blocks.keeps_text(keyword + b" " + text)

    def _clean(self, kind: bytes, start: int, content: bytes, cleaned: Cleaned) -> None:
        if isinstance(cleaned, bytes):
            self.target.write(len(cleaned).to_bytes(4, "big") + kind + cleaned + _checksum(kind, cleaned))
        elif cleaned is not None:
            after = bytearray(content)
            for patch in cleaned:
                after[patch.offset : patch.offset + len(patch.content)] = patch.content
            self.target.copy(start, 8)
            self.target.copy_patched(start + 8, len(content), cleaned)
            self.target.write(_checksum(kind, bytes(after)))


def _checksum(kind: bytes, content: bytes) -> bytes:
    return crc32(content, crc32(kind)).to_bytes(4, "big")

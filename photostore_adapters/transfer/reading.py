"""Reading documents and digests of what is to be imported."""

from hashlib import sha256

from photostore.transfer.errors import SourceUnreadable
from photostore.transfer.ports import ImportSource
from photostore.upload.pictures import PictureInspector
from photostore.upload.received import SNIFFED_SIZE

MOST_OF_A_PHOTO = 1 << 20
MOST_OF_AN_ALBUM = 1 << 28


async def content_of(source: ImportSource, path: str, *, at_most: int = MOST_OF_A_PHOTO) -> bytes:
    """Raise `SourceUnreadable`, also for one that is larger than such documents are."""
    content = bytearray()
    async with source.open(path) as chunks:
        async for chunk in chunks:
            content += chunk
            if len(content) > at_most:
                raise SourceUnreadable(f"It has more than {at_most} bytes.")
    return bytes(content)


async def digest_of(source: ImportSource, path: str, inspector: PictureInspector, *, at_most: int) -> bytes:
    """Of a picture. Raise `UnsupportedImage` as soon as the first bytes tell that it is none, and `SourceUnreadable`, also
    when it has more than `at_most` bytes."""
    digest, head, came = sha256(), b"", 0
    async with source.open(path) as chunks:
        async for chunk in chunks:
            if len(head) < SNIFFED_SIZE:
                head += chunk[: SNIFFED_SIZE - len(head)]
                if len(head) == SNIFFED_SIZE:
                    inspector.sniff(head)
            digest.update(chunk)
            came += len(chunk)
            if came > at_most:
                raise SourceUnreadable(f"It has more than the {at_most} bytes that a photo may have.")
    if len(head) < SNIFFED_SIZE:
        inspector.sniff(head)
    return digest.digest()

"""Working out a clean copy while the original passes by once: nothing is decoded, and memory stays flat."""

import asyncio
from collections.abc import AsyncIterator, Callable

from photostore.photo.metadata_policy import CannotClean, CleanCopy, CopiedRange, MetadataPolicy, MetadataRemover
from photostore.shared.blobs import BlobKey, BlobStore, BlobStoreUnavailable
from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.gif import clean_gif
from photostore_adapters.imaging.stripping.incoming import Incoming, Parsing
from photostore_adapters.imaging.stripping.jpeg import clean_jpeg
from photostore_adapters.imaging.stripping.plans import Plan, RecentPlans
from photostore_adapters.imaging.stripping.png import clean_png
from photostore_adapters.imaging.stripping.webp import clean_webp

_CLEANERS: dict[str, Callable[[Incoming, MetadataPolicy], Parsing[CleanCopy]]] = {
    sniffing.JPEG: clean_jpeg,
    sniffing.PNG: clean_png,
    sniffing.WEBP: clean_webp,
    sniffing.GIF: clean_gif,
}
# A thread is worth its while for so many bytes; smaller chunks are joined first.
_LEAST_HANDED_OVER = 256 * 1024


class StreamingMetadataRemover(MetadataRemover):
    """JPEG, PNG, WebP and GIF; of other formats it raises `CannotClean` without asking the store.

    Reading stops as soon as the end of the picture was seen. Parsing runs in a thread, a chunk at a time.
    """

    version = "1"

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._recent = RecentPlans()

    async def clean_copy(self, key: BlobKey, *, content_type: str, byte_size: int, policy: MetadataPolicy) -> CleanCopy:
        if policy is MetadataPolicy.KEEP:
            return CleanCopy(pieces=(CopiedRange(0, byte_size),), byte_size=byte_size)
        cleaner = _CLEANERS.get(content_type)
        if cleaner is None:
            raise CannotClean(f"Metadata cannot be taken out of {content_type} without decoding it.")
        asked = (key, content_type, policy)
        plan = self._recent.get(asked)
        if plan is None:
            plan = await self._plan(key, byte_size, cleaner(Incoming(), policy))
            self._recent.keep(asked, plan)
        if isinstance(plan, CannotClean):
            raise CannotClean(plan.detail)
        return plan

    async def _plan(self, key: BlobKey, byte_size: int, parsing: Parsing[CleanCopy]) -> Plan:
        async with self._store.open(key) as blob:
            if blob.byte_size != byte_size:
                raise BlobStoreUnavailable("the blob store holds another number of bytes than it should")
            next(parsing)
            arrived = 0
            async for chunks in _gathered(blob.chunks):
                arrived += sum(map(len, chunks))
                plan = await asyncio.to_thread(_go_on, parsing, chunks)
                if plan is not None:
                    return plan
        if arrived != byte_size:
            raise BlobStoreUnavailable("the blob store sent another number of bytes than it should")
        return _end(parsing)


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Chunks that are worth a thread together; whoever takes them empties the list."""
    waiting: list[bytes] = []
    async for chunk in chunks:
        waiting.append(chunk)
        if sum(map(len, waiting)) >= _LEAST_HANDED_OVER:
            yield waiting
    if waiting:
        yield waiting


def _go_on(parsing: Parsing[CleanCopy], chunks: list[bytes]) -> Plan | None:
    """Let it have the chunks, and nobody else: a thread that is slow to end would hold them. Nothing while it wants more."""
    joined = b"".join(chunks)
    chunks.clear()
    try:
        parsing.send(joined)
    except StopIteration as done:
        copy: CleanCopy = done.value
        return copy
    except BrokenPictureError as broken:
        return CannotClean(f"Metadata cannot be taken out of the file: {broken}.")
    except Exception:  # noqa: BLE001 - whatever a parser stumbles on, it is the bytes that are hostile
        return CannotClean("Metadata cannot be taken out of the file: it is malformed.")
    return None


def _end(parsing: Parsing[CleanCopy]) -> Plan:
    """It may look for the end more than once."""
    while (plan := _go_on(parsing, [])) is None:
        pass
    return plan

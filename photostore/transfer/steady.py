"""Reading an original to its end, though the store falters on the way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from photostore.shared.blobs import BlobKey, BlobStore, BlobStoreUnavailable
from photostore.transfer.errors import OriginalDamaged

# Seconds before each further try; from the first byte after the ones that came.
PAUSES = (0.5, 2.0, 8.0, 30.0)


async def steady_chunks(
    blobs: BlobStore,
    key: BlobKey,
    byte_size: int,
    *,
    pauses: Sequence[float] = PAUSES,
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[bytes]:
    """All its bytes. A key names the same bytes for ever, so a reader goes on where it was broken off.

    Raise `BlobNotFound`, `OriginalDamaged` for another size, and `BlobStoreUnavailable` when no try got any further.
    """
    came = tries = 0
    while True:
        try:
            async with blobs.open(key, offset=came) as blob:
                if blob.byte_size != byte_size:
                    raise OriginalDamaged(f"The store holds {blob.byte_size} bytes of it, and not {byte_size}.")
                async for chunk in blob.chunks:
                    came, tries = came + len(chunk), 0
                    yield chunk
            if came != byte_size:
                raise OriginalDamaged(f"The store gave {came} bytes of it, and not {byte_size}.")
            return
        except BlobStoreUnavailable:
            if tries == len(pauses):
                raise
            await pause(pauses[tries])
            tries += 1

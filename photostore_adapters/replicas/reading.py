"""One original being read, from whichever store gives it."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256

from photostore.replica.stores import PRIMARY
from photostore.replica.task import Original
from photostore.shared.blobs import BlobDamaged, BlobKey, BlobNotFound, BlobStoreUnavailable
from photostore_adapters.observability.metrics import REPLICATED_READS
from photostore_adapters.replicas.damage import Damage
from photostore_adapters.replicas.opening import OpenedBlob, open_within
from photostore_adapters.replicas.watch import StoreWatch

# So much is read ahead of what is given away, so that a small original is known to be right before any of it is, and the end
# of a large one.
HELD_BYTES = 1 << 20


class ReplicatedReading(AsyncIterator[bytes]):
    """Goes on from another store at the very byte where one fails. `original` is what is known of the bytes, if anything is;
    they are checked against it when all of them are read.

    What is found wrong before the first byte was given away is read from another store; later it breaks the reading.
    """

    def __init__(
        self,
        watches: Sequence[StoreWatch],
        damage: Damage,
        key: BlobKey,
        original: Original | None,
        *,
        offset: int,
        length: int | None,
        patience: float,
        verify: bool,
    ) -> None:
        self._left = deque(sorted(watches, key=lambda watch: watch.away))
        self._damage = damage
        self._key = key
        self._original = original
        self._offset, self._length = offset, length
        self._patience = patience
        whole = original is not None and offset == 0 and length in (None, original.byte_size)
        self._verify = verify and whole
        self._faults = list[BlobNotFound | BlobStoreUnavailable]()
        self._blob: OpenedBlob | None = None
        self._used = list[StoreWatch]()
        self._digest = sha256()
        self._read = self._given = self._held_bytes = 0
        self._held: deque[bytes] = deque()
        self._ended = False
        self.byte_size = 0 if original is None else original.byte_size

    async def begin(self) -> None:
        """Raise `BlobNotFound` when no store has it, `BlobStoreUnavailable` when one that does not answer may have."""
        await self._open_next()

    async def aclose(self) -> None:
        blob, self._blob = self._blob, None
        if blob is not None:
            await blob.aclose()

    async def __anext__(self) -> bytes:
        while not self._ended and self._held_bytes <= (HELD_BYTES if self._verify else 0):
            await self._read_on()
        if not self._held:
            raise StopAsyncIteration
        chunk = self._held.popleft()
        self._held_bytes -= len(chunk)
        self._given += len(chunk)
        return chunk

    async def _read_on(self) -> None:
        assert self._blob is not None, "begun"
        try:
            chunk = await anext(self._blob.chunks, None)
        except BlobStoreUnavailable as fault:
            watch = self._used[-1]
            watch.failed(fault.detail)
            # Be it that this alone cannot be read there: whoever mends it looks.
            self._tell(watch, "broken", "reading it broke off")
            self._faults.append(fault)
            await self._open_next()
            return
        if chunk is None:
            await self._check_end()
            return
        self._read += len(chunk)
        self._held.append(chunk)
        self._held_bytes += len(chunk)
        if self._verify:
            self._digest.update(chunk)

    async def _check_end(self) -> None:
        if not self._verify or self._original is None or self._digest.digest() == self._original.sha256:
            self._ended = True
            return
        # Whichever of several it was: whoever mends them looks.
        for watch in self._used:
            self._tell(watch, "damaged", "its bytes are others")
        fault = BlobDamaged("the blob store holds other bytes than it should")
        self._faults.append(fault)
        if self._given:
            raise fault
        self._held.clear()
        # Who went on where another had broken off may well have all of it.
        self._left.extend(self._used[1:])
        self._used.clear()
        self._held_bytes = self._read = 0
        self._digest = sha256()
        await self._open_next()

    async def _open_next(self) -> None:
        await self.aclose()
        while self._left:
            watch = self._left.popleft()
            if await self._opened(watch):
                return
        raise gravest(self._faults)

    async def _opened(self, watch: StoreWatch) -> bool:
        offset = self._offset + self._read
        length = None if self._length is None else self._length - self._read
        try:
            blob = await open_within(self._patience, watch.store, self._key, offset=offset, length=length)
        except BlobNotFound as fault:
            self._faults.append(fault)
            self._tell(watch, "absent", "it is missing")
            return False
        except BlobStoreUnavailable as fault:
            self._faults.append(fault)
            watch.failed(fault.detail)
            REPLICATED_READS.labels(watch.name, "failed").inc()
            return False
        if self._expects(blob.byte_size):
            self._blob, self.byte_size = blob, blob.byte_size
            self._used.append(watch)
            REPLICATED_READS.labels(watch.name, "ok").inc()
            return True
        await blob.aclose()
        self._faults.append(BlobDamaged("the blob store holds another number of bytes than it should"))
        self._tell(watch, "damaged", f"it has {blob.byte_size} bytes")
        return False

    def _expects(self, byte_size: int) -> bool:
        if self._original is None and not self._used:
            return True
        return byte_size == self.byte_size

    def _tell(self, watch: StoreWatch, outcome: str, what: str) -> None:
        """Of what a replica lacks nobody is told: it may not have been copied yet, and whoever looks after it knows."""
        REPLICATED_READS.labels(watch.name, outcome).inc()
        if self._original is not None and (outcome != "absent" or watch.name == PRIMARY):
            self._damage.found(self._original, watch.name, what)


def gravest(faults: Sequence[BlobNotFound | BlobStoreUnavailable]) -> BlobNotFound | BlobStoreUnavailable:
    """A store that may have it counts for more than any that has not."""
    return next((each for each in faults if isinstance(each, BlobStoreUnavailable)), faults[0])

"""What the photos' rows know of originals, remembered."""

import asyncio
from collections import OrderedDict
from time import monotonic

from photostore.replica.ports import Originals
from photostore.replica.task import Original
from photostore.shared.blobs import BlobKey
from photostore.shared.errors import Unavailable

_MOST = 4096
_PATIENCE_SECONDS = 0.5
_REST_SECONDS = 3.0


class OriginalFacts:
    """A key names the same bytes for ever, so what was found once stays true. While the database is away nothing more is known
    and readers go without, at once."""

    def __init__(self, originals: Originals) -> None:
        self._originals = originals
        self._known: OrderedDict[BlobKey, Original] = OrderedDict()
        self._rests_until = 0.0

    async def find(self, key: BlobKey) -> Original | None:
        """`None` where it is no photo's, or nobody can say."""
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        if monotonic() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = await self._originals.find(key)
        except (Unavailable, TimeoutError):
            self._rests_until = monotonic() + _REST_SECONDS
            return None
        if found is not None:
            self._known[key] = found
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return found

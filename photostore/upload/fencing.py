"""Whether a database is still the one whose rows say what a store holds: a fencing token.

The token is a number that grows with each sweep, and stands in the database and in the store. A database that was restored
from a backup, or is a copy of one in use, has an older one than the store (M. Kleppmann, How to do distributed locking, 2016).
"""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from photostore.shared.blobs import BlobExists, BlobKey, BlobStore, blob_key
from photostore.shared.clock import Ids
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.errors import StoreAhead
from photostore.upload.ports import SweepLedger
from photostore.upload.sweeping import SweepToken

TOKENS = "sweeps/"
# Who finds that another state of its database swept the store says so to that one, too: neither sweeps until one claims it.
CONTESTED = blob_key(f"{TOKENS}contested")
_NAME = re.compile(r"(\d{19})-([0-9a-f-]{36})")
_LATER_STATE = (
    "A later state of this database has swept the blob store: this one was restored from a backup, or is a copy of one in use. "
    "What it has no rows for may be photos. Nothing is removed until `photostore claim-store` says that its rows count."
)


def key_of(token: SweepToken) -> BlobKey:
    return blob_key(f"{TOKENS}{token.number:019d}-{token.nonce}")


@dataclass(frozen=True, slots=True)
class SweepFence:
    """Stands before whatever removes bytes because no row names them."""

    ledger: SweepLedger
    ids: Ids
    unit_of_work: UnitOfWork

    async def is_open(self, blobs: BlobStore) -> bool:
        """Whether the store was last swept by this database as it is, or an earlier state of it."""
        return self._lets_in(await self._found(blobs), await self._own())

    async def go_through(self, blobs: BlobStore) -> None:
        """Before each sweep. Raise `StoreAhead`."""
        found = await self._found(blobs)
        # Read after that: whoever else sweeps with this database has written down there what stands in the store.
        if not self._lets_in(found, await self._own()):
            with suppress(BlobExists):
                await blobs.put(CONTESTED, _bytes(_LATER_STATE.encode()))
            raise StoreAhead(_LATER_STATE)
        await self._advance(blobs, found)

    async def claim(self, blobs: BlobStore) -> None:
        """Whatever swept the store, from now on the rows of this database say what it holds."""
        await self._advance(blobs, await self._found(blobs))

    async def _found(self, blobs: BlobStore) -> list[BlobKey]:
        return [blob.key async for blob in blobs.list(TOKENS)]

    async def _own(self) -> SweepToken | None:
        async with self.unit_of_work:
            return await self.ledger.token()

    def _lets_in(self, found: list[BlobKey], own: SweepToken | None) -> bool:
        tokens = [token for token in map(_token_of, found) if token is not None]
        return CONTESTED not in found and all(own is not None and _is_before(token, own) for token in tokens)

    async def _advance(self, blobs: BlobStore, found: list[BlobKey]) -> None:
        """First in the database: one that stops in between is behind nothing."""
        async with self.unit_of_work:
            token = await self.ledger.advance(self.ids.new())
        await blobs.put(key_of(token), _bytes(b"The database of this token swept this store last.\n"))
        for key in found:
            await blobs.delete(key)


def _is_before(token: SweepToken, own: SweepToken) -> bool:
    return token == own or token.number < own.number


def _token_of(key: BlobKey) -> SweepToken | None:
    found = _NAME.fullmatch(key.removeprefix(TOKENS))
    return None if found is None else SweepToken(number=int(found[1]), nonce=UUID(found[2]))


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content

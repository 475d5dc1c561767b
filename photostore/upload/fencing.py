"""Whether a database is the one whose rows say what a store holds: fencing tokens.

Each sweep issues one, writes it down in the database and leaves it in the store. A database that was restored from a backup,
or is a copy of one in use, finds one there that it does not know: a later state, or another future, swept the store (M.
Kleppmann, How to do distributed locking, 2016; here nobody knows an order, so that tokens are known or not, and not numbered).
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from photostore.shared.blobs import BlobExists, BlobKey, BlobStore, blob_key
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.errors import StoreContested
from photostore.upload.ports import BlobReferences, SweepLedger

TOKENS = "sweeps/"
# Who finds a token that it does not know says so to whoever left it, too: neither removes anything until one claims the store.
_CONTESTED = "contested"
_TOKEN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_SHUT = (
    "The blob store was swept by another state of this database: this one was restored from a backup, or a copy is in use. "
    "What it has no rows for may be photos. Nothing is removed until `photostore claim-store` says that its rows count."
)


def folder_of(installation: UUID) -> str:
    """All states of a database are the same installation; whether the store is another's is not asked here."""
    return f"{TOKENS}{installation}/"


def key_in(folder: str, name: UUID | str) -> BlobKey:
    return blob_key(f"{folder}{name}")


@dataclass(frozen=True, slots=True)
class SweepFence:
    """Stands before whatever removes bytes by itself, because no row names them or a time is over."""

    references: BlobReferences
    ledger: SweepLedger
    unit_of_work: UnitOfWork

    async def is_open(self, blobs: BlobStore) -> bool:
        """Whether nobody but this database has swept the store."""
        return await self._lets_in(await _found(blobs, await self._folder()))

    async def demand_open(self, blobs: BlobStore) -> None:
        """Raise `StoreContested`."""
        if not await self.is_open(blobs):
            raise StoreContested(_SHUT)

    async def go_through(self, blobs: BlobStore, token: UUID) -> None:
        """Before each sweep, with a new token. Raise `StoreContested`."""
        folder = await self._folder()
        found = await _found(blobs, folder)
        if not await self._lets_in(found):
            if _CONTESTED not in found:
                await _leave(blobs, key_in(folder, _CONTESTED), _SHUT)
            raise StoreContested(_SHUT)
        await self._replace(blobs, folder, found, token)

    async def claim(self, blobs: BlobStore, token: UUID) -> None:
        """Whoever swept the store, from now on the rows of this database say what it holds."""
        folder = await self._folder()
        await self._replace(blobs, folder, await _found(blobs, folder), token)

    async def _folder(self) -> str:
        async with self.unit_of_work:
            return folder_of(await self.references.installation())

    async def _lets_in(self, found: Sequence[str]) -> bool:
        """To be asked after the store: what somebody else leaves there with this database is written down before."""
        tokens = [UUID(name) for name in found if name != _CONTESTED]
        async with self.unit_of_work:
            known = await self.ledger.known(tokens)
        return _CONTESTED not in found and known >= set(tokens)

    async def _replace(self, blobs: BlobStore, folder: str, found: Sequence[str], token: UUID) -> None:
        """Broken off anywhere, the store has tokens that are known, or is as shut as it was."""
        async with self.unit_of_work:
            await self.ledger.issue(token)
        await _leave(blobs, key_in(folder, token), "Of the last sweep of this store.")
        for name in sorted(found, key=_CONTESTED.__eq__):
            await blobs.delete(key_in(folder, name))


async def _found(blobs: BlobStore, folder: str) -> Sequence[str]:
    """The names of tokens. What else may lie there is left alone."""
    names = [blob.key.removeprefix(folder) async for blob in blobs.list(folder)]
    return [name for name in names if name == _CONTESTED or _TOKEN.fullmatch(name)]


async def _leave(blobs: BlobStore, key: BlobKey, text: str) -> None:
    with suppress(BlobExists):
        await blobs.put(key, _bytes(f"{text}\n".encode()))


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content

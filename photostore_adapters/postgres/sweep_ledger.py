"""What the last look for unreferenced blobs found: one row."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from photostore.upload.ports import SweepLedger
from photostore.upload.sweeping import Swept
from photostore_adapters.postgres.reading import Statement
from photostore_adapters.postgres.writing import run

_NOTE = Statement(
    """
    INSERT INTO last_sweep (at, blobs, multiparts, refusal) VALUES ($1, $2, $3, $4)
    ON CONFLICT (singleton) DO UPDATE SET at = $1, blobs = $2, multiparts = $3, refusal = $4
    """,
    ("at", "blobs", "multiparts", "refusal"),
)


class PostgresSweepLedger(SweepLedger):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, swept: Swept, *, at: datetime, refusal: str | None) -> None:
        await run(self._session, _NOTE, at=at, blobs=swept.blobs, multiparts=swept.multiparts, refusal=refusal)

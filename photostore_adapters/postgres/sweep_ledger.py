"""What the last look for unreferenced blobs found, one row; and which one it was, in the row of the database itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from photostore.upload.ports import SweepLedger
from photostore.upload.sweeping import SweepToken, Swept
from photostore_adapters.postgres.reading import Statement
from photostore_adapters.postgres.writing import run

_NOTE = Statement(
    """
    INSERT INTO last_sweep (at, blobs, multiparts, refusal) VALUES ($1, $2, $3, $4)
    ON CONFLICT (singleton) DO UPDATE SET at = $1, blobs = $2, multiparts = $3, refusal = $4
    """,
    ("at", "blobs", "multiparts", "refusal"),
)
_TOKEN = Statement("SELECT sweep_number AS number, sweep_nonce AS nonce FROM installation", ())
_ADVANCE = Statement(
    """
    UPDATE installation SET sweep_number = sweep_number + 1, sweep_nonce = $1
    RETURNING sweep_number AS number, sweep_nonce AS nonce
    """,
    ("nonce",),
)


class PostgresSweepLedger(SweepLedger):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, swept: Swept, *, at: datetime, refusal: str | None) -> None:
        await run(self._session, _NOTE, at=at, blobs=swept.blobs, multiparts=swept.multiparts, refusal=refusal)

    async def token(self) -> SweepToken | None:
        [row] = await run(self._session, _TOKEN)
        return None if row["nonce"] is None else SweepToken(number=row["number"], nonce=row["nonce"])

    async def advance(self, nonce: UUID) -> SweepToken:
        [row] = await run(self._session, _ADVANCE, nonce=nonce)
        return SweepToken(number=row["number"], nonce=row["nonce"])

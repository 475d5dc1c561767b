"""What the last look for unreferenced blobs found, one row; and the tokens of all."""

from collections.abc import Sequence, Set
from datetime import datetime
from uuid import UUID

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
_ISSUE = Statement("INSERT INTO sweep_tokens (token) VALUES ($1)", ("token",))
_KNOWN = Statement("SELECT token FROM sweep_tokens WHERE token = ANY($1::uuid[])", ("tokens",))


class PostgresSweepLedger(SweepLedger):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, swept: Swept, *, at: datetime, refusal: str | None) -> None:
        await run(self._session, _NOTE, at=at, blobs=swept.blobs, multiparts=swept.multiparts, refusal=refusal)

    async def issue(self, token: UUID) -> None:
        await run(self._session, _ISSUE, token=token)

    async def known(self, tokens: Sequence[UUID]) -> Set[UUID]:
        return {row["token"] for row in await run(self._session, _KNOWN, tokens=list(tokens))} if tokens else set()

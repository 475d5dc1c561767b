"""Revoked media URLs: rows, and what each process remembers of them so that serving a picture asks no database."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.shared.errors import Unavailable
from photostore.shared.media import MediaRevocations, MediaRevoker, MediaUrlInvalid
from photostore_adapters.postgres.errors import DatabaseUnavailable
from photostore_adapters.postgres.reading import Reader, Statement

_log = structlog.get_logger(__name__)

# Rows are stamped before they are committed: looking back so far misses none of a transaction that took its time.
_OVERLAP = timedelta(minutes=5)
_ANEW_SECONDS = 3600
_PATIENCE_SECONDS = 3

_REVOKE = text("""
    INSERT INTO media_revocations (subject, revoked)
    SELECT subject, true FROM unnest(CAST(:subjects AS text[])) AS subject ORDER BY subject
    ON CONFLICT (subject) DO UPDATE SET revoked = true, changed_at = clock_timestamp()
""")
# What was never revoked needs no row to be served.
_ALLOW = text("""
    UPDATE media_revocations SET revoked = false, changed_at = clock_timestamp()
    WHERE subject IN (
        SELECT subject FROM media_revocations
        WHERE subject = ANY(CAST(:subjects AS text[])) AND revoked ORDER BY subject FOR UPDATE
    )
""")
_CHANGED = Statement(
    "SELECT subject, revoked, changed_at FROM media_revocations WHERE changed_at > $1 ORDER BY changed_at", ("since",)
)
_PRUNE = Statement("DELETE FROM media_revocations WHERE changed_at < now() - $1::interval", ("longest_life",))
_EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRevocationSettings:
    """`longest_life` is that of a media URL. What is remembered is looked up anew after `fresh_seconds`, beside the
    requests; after `trusted_seconds` they wait for it. The two stay well under the promised 60 seconds."""

    longest_life: timedelta
    fresh_seconds: float = 10
    trusted_seconds: float = 40


class PostgresMediaRevoker(MediaRevoker):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def revoke(self, subjects: Sequence[str]) -> None:
        await self._session.execute(_REVOKE, {"subjects": sorted(set(subjects))})

    async def allow(self, subjects: Sequence[str]) -> None:
        await self._session.execute(_ALLOW, {"subjects": sorted(set(subjects))})


class PostgresMediaRevocations(MediaRevocations):
    def __init__(
        self, reader: Reader, settings: MediaRevocationSettings, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._reader = reader
        self._monotonic = monotonic
        self._settings = settings
        self._revoked = dict[str, bool]()
        self._known_at: float | None = None
        self._anew_at = 0.0
        self._latest = _EVER
        self._asking: asyncio.Task[None] | None = None
        self._again = False

    async def demand_valid(self, *subjects: str) -> None:
        age = self._age()
        if age > self._settings.trusted_seconds:
            await self._known_again()
        elif age > self._settings.fresh_seconds:
            _ = self._ask()
        if any(self._revoked.get(subject) for subject in subjects):
            raise MediaUrlInvalid("There is nothing under this URL.")

    def look_again(self) -> None:
        """Somebody tells that there is news: whoever has not used a URL yet does not need it."""
        if self._known_at is None:
            return
        if self._asking is None or self._asking.done():
            _ = self._ask()
        else:
            self._again = True  # what is under way may have looked too early

    async def prune(self) -> None:
        await self._reader.fetch(_PRUNE, longest_life=self._settings.longest_life + _OVERLAP)

    def _age(self) -> float:
        return float("inf") if self._known_at is None else self._monotonic() - self._known_at

    async def _known_again(self) -> None:
        """Raise `Unavailable` when the database does not tell in time."""
        await asyncio.wait([self._ask()], timeout=_PATIENCE_SECONDS)
        if self._age() > self._settings.trusted_seconds:
            raise Unavailable("It cannot be told now whether this URL is still good.")

    def _ask(self) -> asyncio.Task[None]:
        """Whoever asks meanwhile waits for the same answer."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._look_until_settled())
        return self._asking

    async def _look_until_settled(self) -> None:
        await self._look()
        while self._again:
            self._again = False
            await self._look()

    async def _look(self) -> None:
        asked_at = self._monotonic()
        anew = asked_at > self._anew_at
        since = _EVER if anew else self._latest - _OVERLAP
        try:
            rows = await self._reader.fetch(_CHANGED, since=since)
        except DatabaseUnavailable as error:
            _log.warning("revoked media URLs could not be looked up", error=str(error))
            return
        changed = {row["subject"]: row["revoked"] for row in rows}
        self._revoked = changed if anew else self._revoked | changed
        if anew:
            self._anew_at = asked_at + _ANEW_SECONDS
        if rows:
            self._latest = rows[-1]["changed_at"]
        self._known_at = asked_at

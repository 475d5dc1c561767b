"""What a process remembers of revoked media URLs, and when it no longer believes itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from photostore.shared.errors import Unavailable
from photostore.shared.media import MediaUrlInvalid
from photostore_adapters.postgres.errors import DatabaseUnavailable
from photostore_adapters.postgres.media_revocations import MediaRevocationSettings, PostgresMediaRevocations

SETTINGS = MediaRevocationSettings(longest_life=timedelta(hours=2), fresh_seconds=10, trusted_seconds=45)
STARTED = datetime(2026, 6, 1, tzinfo=UTC)


class Database:
    """Rows of the table as a reader gives them; it can be away, or take its time."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.rows: list[dict[str, Any]] = []
        self.asked: list[datetime] = []
        self.away = False
        self.answering = asyncio.Event()
        self.answering.set()
        self.revocations = PostgresMediaRevocations(self, SETTINGS, lambda: self.seconds)  # type: ignore[arg-type]

    async def fetch(self, _: object, *, since: datetime) -> list[dict[str, Any]]:
        self.asked.append(since)
        await self.answering.wait()
        if self.away:
            raise DatabaseUnavailable("away, as told")
        return [row for row in self.rows if row["changed_at"] > since]

    def revoke(self, subject: str, *, revoked: bool = True) -> None:
        changed_at = STARTED + timedelta(seconds=self.seconds)
        self.rows.append({"subject": subject, "revoked": revoked, "changed_at": changed_at})

    async def is_valid(self, *subjects: str) -> bool:
        try:
            await self.revocations.demand_valid(*subjects)
        except MediaUrlInvalid:
            return False
        return True

    async def settle(self) -> None:
        """Let what was begun beside the request come to its end."""
        for _ in range(5):
            await asyncio.sleep(0)


async def test_while_what_it_knows_is_fresh_nobody_is_asked() -> None:
    database = Database()

    for _ in range(100):
        assert await database.is_valid("a", "user-1")
    database.seconds += SETTINGS.fresh_seconds
    assert await database.is_valid("a")

    assert len(database.asked) == 1


async def test_news_are_asked_for_beside_the_request_and_heard_within_the_bound() -> None:
    database = Database()
    assert await database.is_valid("a")
    database.revoke("a")

    database.seconds += SETTINGS.fresh_seconds + 1
    assert await database.is_valid("a"), "this request did not wait"
    await database.settle()

    assert not await database.is_valid("a")
    assert not await database.is_valid("b", "a")
    assert await database.is_valid("b")


async def test_a_process_that_slept_waits_for_the_news_first() -> None:
    database = Database()
    assert await database.is_valid("a")
    database.revoke("a")

    database.seconds += SETTINGS.trusted_seconds + 1

    assert not await database.is_valid("a")


async def test_it_shows_nothing_when_it_could_have_missed_something() -> None:
    database = Database()
    assert await database.is_valid("a")
    database.away = True

    database.seconds += SETTINGS.trusted_seconds - 1
    assert await database.is_valid("a")
    await database.settle()
    database.seconds += 2
    with pytest.raises(Unavailable):
        await database.is_valid("a")

    database.away = False
    assert await database.is_valid("a")


async def test_those_who_wait_share_one_question() -> None:
    database = Database()
    database.answering.clear()
    waiting = [asyncio.create_task(database.is_valid("a")) for _ in range(20)]
    await database.settle()

    database.answering.set()

    assert await asyncio.gather(*waiting) == [True] * 20
    assert len(database.asked) == 1


async def test_what_is_given_back_serves_again() -> None:
    database = Database()
    database.revoke("a")
    assert not await database.is_valid("a")

    database.seconds += SETTINGS.trusted_seconds + 1
    database.revoke("a", revoked=False)

    assert await database.is_valid("a")


async def test_later_questions_look_back_far_enough_for_slow_transactions() -> None:
    database = Database()
    database.revoke("a")
    assert not await database.is_valid("a")
    stamped_before_but_committed_after = STARTED + timedelta(seconds=database.seconds - 60)
    database.rows.append({"subject": "b", "revoked": True, "changed_at": stamped_before_but_committed_after})

    database.seconds += SETTINGS.trusted_seconds + 1

    assert not await database.is_valid("b")
    assert database.asked[1] > database.asked[0]


async def test_expired_revocations_are_forgotten_in_time() -> None:
    database = Database()
    database.revoke("a")
    assert not await database.is_valid("a")
    database.rows.clear()

    database.seconds += 3601

    assert await database.is_valid("a")

"""Pages of a library's groups: it is read and compared for the first of them, and again when it has changed."""

from typing import Any

from photostore.shared.ids import PhotoId
from photostore_adapters.postgres.duplicate_queries import PostgresDuplicateQueries
from photostore_adapters.postgres.reading import Statement
from tests.builders import a_photo_id, a_user_id


class Database:
    """Answers with a library of three pairs, and counts how often it is read."""

    def __init__(self) -> None:
        self.digest = 1
        self.read = 0
        self.ids = [a_photo_id() for _ in range(6)]
        self.queries = PostgresDuplicateQueries(self)  # type: ignore[arg-type]

    async def fetch_one(self, statement: Statement, **_: object) -> tuple[Any, ...]:
        if "string_agg" not in statement.sql:
            return len(self.ids), self.digest
        self.read += 1
        rows = (each.bytes + (place // 2).to_bytes(8) + bytes(8) for place, each in enumerate(self.ids))
        return (b"".join(rows),)

    async def fetch(self, _: Statement, **__: object) -> list[Any]:
        return []


async def test_the_next_page_needs_no_reading_of_the_library() -> None:
    database, owner, after = Database(), a_user_id(), list[PhotoId | None]([None])

    for _ in range(3):
        page = await database.queries.groups(owner, distance=0, after=after[-1], limit=1)
        after.append(page.next)

    assert database.read == 1
    assert after == [None, database.ids[4], database.ids[2], None]


async def test_a_library_that_has_changed_is_read_again() -> None:
    database, owner = Database(), a_user_id()
    await database.queries.groups(owner, distance=0, after=None, limit=1)

    database.digest += 1
    await database.queries.groups(owner, distance=0, after=None, limit=1)

    assert database.read == 2

"""Requests that are sent again, on a real database: whatever dies in between, nothing is doubled and nothing half done."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import asyncpg
import httpx
import pytest
from dishka import AsyncContainer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.shared.health import HealthCheck
from photostore.shared.idempotency import LEASE, IdempotencyAnswerLost, IdempotencyKeys, KeptAnswer, KeyUse
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.commands.open_session import OpenSession
from photostore_adapters.postgres.answer_seal import AnswerSeal, AnswerSealSettings
from photostore_http.app import create_app
from photostore_http.forms import FormLimits
from photostore_http.observing import Observed
from photostore_http.settings import HttpSettings
from tests.builders import CLIENT, a_picture, a_user
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.http.world import Requests, client_of, http_providers
from tests.http_settings import http_settings
from tests.using import stored, transaction
from tests.waiting import eventually

KEY = {"idempotency-key": "one"}
HASHTAGS, PHOTOS, API_KEYS = "/api/v1/hashtags", "/api/v1/photos", "/api/v1/auth/api-keys"
TABLES = {HASHTAGS: "hashtags", PHOTOS: "photos", API_KEYS: "api_keys"}
ANSWER = KeptAnswer(status=201, headers=[("content-type", "application/json")], body=b'{"key": "psk_secret"}')


@dataclass
class Served:
    """The application over a real database, and somebody who is signed in."""

    http: httpx.AsyncClient
    store: FakeStore
    container: AsyncContainer
    url: str

    async def rows(self, table: str) -> int:
        return int(await self.ask(f"SELECT count(*) FROM {table}"))

    async def ask(self, query: str) -> str:
        connection = await asyncpg.connect(self.url)
        try:
            return str(await connection.fetchval(query))
        finally:
            await connection.close()

    async def send(self, path: str) -> httpx.Response:
        """The same each time: what makes a hashtag, a photo or an API key."""
        if path == PHOTOS:
            return await self.http.post(path, files={"file": ("a.jpg", a_picture())}, data={"title": "a"}, headers=KEY)
        body = {"name": "sunset"} if path == HASHTAGS else {"name": "backup", "scopes": ["photos:read"]}
        return await self.http.post(path, json=body, headers=KEY)


@pytest.fixture
async def served(database_url: str) -> AsyncIterator[Served]:
    store, settings = FakeStore(), http_settings()
    context = {
        HttpSettings: settings,
        FormLimits: FormLimits(max_fields_bytes=store.limits.max_fields_bytes),
        Sequence[HealthCheck]: (),
    }
    container = on_postgres(store, database_url, *http_providers(), context=context)
    app = Observed(
        create_app(container, settings), metrics=Requests(), log_context=lambda **_: nullcontext(), https=False
    )
    user = await stored(container, a_user())
    async with transaction(container, OpenSession) as open_session:
        token = (await open_session(user=user, client=CLIENT)).access_token
    async with client_of(app, bearer=token) as http:
        yield Served(http, store, container, database_url)
    await container.close()


@pytest.mark.parametrize("path", TABLES)
async def test_what_is_sent_again_is_told_again_and_done_once(served: Served, path: str) -> None:
    first, again = await served.send(path), await served.send(path)

    assert first.status_code == 201, first.text
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert await served.rows(TABLES[path]) == 1


@pytest.mark.parametrize("path", TABLES)
async def test_of_many_at_once_one_runs_and_the_others_wait_or_are_told(served: Served, path: str) -> None:
    answers = await asyncio.gather(*(served.send(path) for _ in range(6)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers if answer.status_code == 201) == 1
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} <= {
        "/problems/idempotency-key-in-use"
    }
    assert await served.rows(TABLES[path]) == 1


@pytest.mark.parametrize("path", TABLES)
async def test_a_commit_that_dies_leaves_neither_the_change_nor_the_answer(served: Served, path: str) -> None:
    # As when the database is killed at the last moment: the answer is written, and then the transaction is lost.
    await served.ask("""
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.answer IS NOT NULL THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END'
    """)
    await served.ask("CREATE TRIGGER die AFTER UPDATE ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION die()")

    died = await served.send(path)
    left = await served.rows(TABLES[path])
    await served.ask("DROP TRIGGER die ON idempotency_keys")
    served.store.clock.advance(seconds=LEASE.total_seconds())
    again = await served.send(path)

    assert (died.status_code, left) == (503, 0)
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers
    assert await served.rows(TABLES[path]) == 1


async def test_a_key_is_given_up_though_the_connection_of_its_request_was_lost(served: Served) -> None:
    owner = (await stored(served.container, a_user())).id
    async with served.container() as scope:
        keys, session = await scope.get(IdempotencyKeys), await scope.get(AsyncSession)
        await keys.claim(KeyUse(owner=owner, key="one", request=b"request"))
        async with (await scope.get(UnitOfWork)).answering():
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            driver = (await (await session.connection()).get_raw_connection()).driver_connection
        await served.ask(f"SELECT pg_terminate_backend({pid})")
        await eventually(driver.is_closed)  # type: ignore[union-attr]

        await keys.release()

    assert await served.rows("idempotency_keys") == 0


@pytest.mark.parametrize("path", TABLES)
async def test_an_answer_that_never_reached_the_client_is_told_when_it_asks_again(served: Served, path: str) -> None:
    # Whoever is killed right after the commit has told nobody: the database alone knows.
    first = await served.send(path)
    await served.container.close()

    again = await served.send(path)

    assert again.content == first.content
    assert await served.rows(TABLES[path]) == 1


async def test_a_new_api_key_does_not_lie_open_in_the_database(served: Served) -> None:
    secret = (await served.send(API_KEYS)).json()["key"]

    assert secret
    assert secret not in await served.ask("SELECT answer FROM idempotency_keys")


async def test_the_keys_of_an_erased_account_go_with_it(served: Served) -> None:
    await served.send(HASHTAGS)

    await served.ask("DELETE FROM users RETURNING 1")

    assert await served.rows("idempotency_keys") == 0


def a_use() -> KeyUse:
    return KeyUse(owner=a_user().id, key="one", request=b"")


def seal_of(*keys: bytes) -> AnswerSeal:
    return AnswerSeal(AnswerSealSettings(keys=keys))


def test_a_sealed_answer_is_opened_also_after_the_secret_key_was_changed() -> None:
    use = a_use()
    sealed = seal_of(b"a" * 32).seal(use, ANSWER)

    assert seal_of(b"b" * 32, b"a" * 32).open(use, sealed) == ANSWER


@pytest.mark.parametrize("key", [b"a", b"b"], ids=["damaged", "sealed by another"])
def test_what_cannot_be_opened_is_not_an_answer(key: bytes) -> None:
    use = a_use()
    sealed = "nonsense" if key == b"a" else seal_of(b"a" * 32).seal(use, ANSWER)
    seal = seal_of(key * 32)

    with pytest.raises(IdempotencyAnswerLost):
        seal.open(use, sealed)


def test_one_rows_answer_does_not_pass_for_anothers() -> None:
    seal = seal_of(b"a" * 32)
    theirs = seal.seal(a_use(), ANSWER)

    with pytest.raises(IdempotencyAnswerLost):
        seal.open(a_use(), theirs)

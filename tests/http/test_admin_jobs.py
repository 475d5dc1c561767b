"""`/admin/jobs`: how long the queue is, and which jobs failed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from photostore.job.job import Job
from tests.fakes.store import FakeStore, FakeTrouble
from tests.fakes.system import NOW
from tests.http.listing import pages
from tests.http.world import World

JOBS = "/api/v1/admin/jobs"


@pytest.fixture
async def as_admin(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with await world.as_user(await world.user(is_admin=True)) as http:
        yield http


def fail(store: FakeStore, number: int, name: str = "decode_photo", *, given_up: bool = True) -> None:
    job = Job(name=name, arguments={"photo_id": "p", "title": "secret"}, dedupe_key=f"{name} {number}")
    next_try = None if given_up else NOW + timedelta(seconds=8)
    store.admin.troubled.rows[number] = FakeTrouble(job=job, failures=3, error="OSError: no", next_try_at=next_try)


async def test_the_queue_and_the_failures_are_told(store: FakeStore, as_admin: httpx.AsyncClient) -> None:
    store.jobs.rows[1] = Job(name="make_image")
    fail(store, 2, given_up=False)

    answer = await as_admin.get(JOBS)

    assert answer.json() == {
        "queue": [
            {"name": "decode_photo", "status": "queued", "jobs": 1, "oldest_seconds": 0},
            {"name": "make_image", "status": "queued", "jobs": 1, "oldest_seconds": 0},
        ],
        "items": [
            {
                "id": 2,
                "name": "decode_photo",
                "status": "retrying",
                "arguments": {"photo_id": "p"},
                "failures": 3,
                "error": "OSError: no",
                "created_at": "2026-06-01T12:00:00Z",
                "failed_at": "2026-06-01T12:00:00Z",
                "next_try_at": "2026-06-01T12:00:08Z",
            }
        ],
        "next_cursor": None,
    }


async def test_failures_are_listed_page_by_page_and_by_filter(store: FakeStore, as_admin: httpx.AsyncClient) -> None:
    for number in range(1, 6):
        fail(store, number, "decode_photo" if number % 2 else "make_image", given_up=number != 5)

    all_pages = [[item["id"] for item in page["items"]] for page in await pages(as_admin, f"{JOBS}?limit=2")]
    named = await as_admin.get(f"{JOBS}?name=make_image&status=failed")

    assert all_pages == [[5, 4], [3, 2], [1]]
    assert [item["id"] for item in named.json()["items"]] == [4, 2]


async def test_a_failed_job_is_done_again(store: FakeStore, as_admin: httpx.AsyncClient) -> None:
    fail(store, 2)

    answer = await as_admin.post(f"{JOBS}/2/retry")

    assert answer.status_code == 204
    assert [job.name for _, job in store.waiting_jobs()] == ["decode_photo"]
    (entry,) = store.admin.audit_log.rows.values()
    assert (entry.action, entry.target.id) == ("job.retried", "2")
    assert entry.details == {"name": "decode_photo", "arguments": {"photo_id": "p"}}


async def test_a_failed_job_is_given_up(store: FakeStore, as_admin: httpx.AsyncClient) -> None:
    fail(store, 2)

    answers = [await as_admin.post(f"{JOBS}/2/discard") for _ in range(2)]

    assert [each.status_code for each in answers] == [204, 404]
    assert store.waiting_jobs() == []
    assert [entry.action for entry in store.admin.audit_log.rows.values()] == ["job.discarded"]


@pytest.mark.parametrize("number", ["3", "x", "-1", str(1 << 63), "9" * 30])
async def test_what_did_not_fail_is_not_found(store: FakeStore, as_admin: httpx.AsyncClient, number: str) -> None:
    answer = await as_admin.post(f"{JOBS}/{number}/retry")

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/job-not-found")
    assert store.admin.audit_log.rows == {}


async def test_the_same_request_again_retries_once(store: FakeStore, as_admin: httpx.AsyncClient) -> None:
    fail(store, 2)
    key = {"idempotency-key": "again"}

    answers = [await as_admin.post(f"{JOBS}/2/retry", headers=key) for _ in range(2)]

    assert [each.status_code for each in answers] == [204, 204]
    assert len(store.admin.audit_log.rows) == 1


@pytest.mark.parametrize("query", ["status=queued", "cursor=x", "limit=201"])
async def test_a_bad_query_is_refused(as_admin: httpx.AsyncClient, query: str) -> None:
    assert (await as_admin.get(f"{JOBS}?{query}")).status_code == 400

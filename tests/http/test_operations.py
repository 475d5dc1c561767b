"""What whoever runs the service asks of it."""

import asyncio
from typing import Any

import pytest

from photostore_http.operations import ReadinessProbe
from tests.fakes.store import FakeStore
from tests.http.checks import Broken, HalfWell, Hanging, Well
from tests.http.world import METRICS, World, world_of


@pytest.mark.parametrize("path", ["/health", "/ping"])
async def test_the_process_runs(world: World, path: str) -> None:
    world.store.unavailable = True

    answer = await world.http.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_it_is_ready_when_every_part_answers(world: World) -> None:
    answer = await world.http.get("/healthz")

    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "ok")
    assert set(told["services"]) == {"database", "storage", "jobs"}
    assert {each["status"] for each in told["services"].values()} == {"ok"}
    assert all(each["latency_ms"] >= 0 for each in told["services"].values())
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", [Broken, Hanging])
async def test_a_part_that_does_not_answer_is_named(store: FakeStore, kind: Any) -> None:
    async with world_of(store, checks=[Well("database"), kind("storage"), Well("jobs")]) as world:
        async with asyncio.timeout(2):
            answer = await world.http.get("/healthz")

    services = {name: each["status"] for name, each in answer.json()["services"].items()}
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert services == {"database": "ok", "storage": "unavailable", "jobs": "ok"}
    assert answer.headers["retry-after"] == "5"
    assert "down" not in answer.text


async def test_a_part_that_half_works_is_told_and_the_service_stays_ready(store: FakeStore) -> None:
    async with world_of(store, checks=[Well("database"), HalfWell("storage")]) as world:
        answer = await world.http.get("/healthz")
    async with world_of(store, checks=[Broken("database"), HalfWell("storage")]) as world:
        worse = await world.http.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["services"]["storage"]["status"] == "degraded"
    assert (worse.status_code, worse.json()["status"]) == (503, "unavailable")


async def test_a_part_that_hangs_is_asked_once_however_often_readiness_is(store: FakeStore) -> None:
    asked: list[None] = []

    class Counting(Hanging):
        async def check(self) -> None:
            asked.append(None)
            await super().check()

    async with world_of(store, checks=[Counting("storage")]) as world:
        for _ in range(3):
            await world.http.get("/healthz")

    assert len(asked) == 1


async def test_it_tells_its_version(world: World) -> None:
    assert (await world.http.get("/version")).json() == {"version": "1.2.3", "build": "abc"}


async def test_it_tells_its_metrics_as_prometheus_reads_them(world: World) -> None:
    answer = await world.http.get("/metrics")

    assert (answer.status_code, answer.content) == (200, METRICS)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_a_process_that_is_about_to_stop_is_not_ready_and_asks_its_parts_no_more(store: FakeStore) -> None:
    async with world_of(store, checks=[Well("database")]) as world:
        (await world.container.get(ReadinessProbe)).stop()

        readiness, health = await world.http.get("/healthz"), await world.http.get("/health")

    assert (readiness.status_code, readiness.json()) == (503, {"status": "stopping", "services": {}})
    assert health.status_code == 200

"""Redis that is there, goes, hangs, is full, and comes back."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import redis.asyncio
from structlog.testing import capture_logs

from photostore.shared.health import Degraded
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.connecting import connection_to
from photostore_adapters.redis.health import RedisCheck
from photostore_adapters.redis.link import Link, RedisAway
from photostore_adapters.redis.settings import RedisSettings
from tests.fixtures.redis import OwnRedis
from tests.waiting import eventually

# As long as a slow machine takes; photostore itself waits for a twentieth of it.
PATIENCE = 1.0


@pytest.fixture
async def client(server: OwnRedis) -> AsyncIterator[RedisClient]:
    client = RedisClient(RedisSettings(url=server.url, command_timeout=PATIENCE))
    yield client
    await client.aclose()


async def test_answers_come_to_those_who_asked(client: RedisClient) -> None:
    asked = [client.ask("ECHO", f"{number}") for number in range(50)]

    assert await asyncio.gather(*asked) == [b"%d" % number for number in range(50)]


async def test_while_it_is_away_nobody_waits_and_one_line_of_the_log_tells(
    client: RedisClient, server: OwnRedis
) -> None:
    await client.ask("PING")
    server.kill()
    with capture_logs() as logs:
        await eventually(lambda: client.link is None)
        for _ in range(20):
            with pytest.raises(RedisAway):
                await client.ask("PING")
        await eventually(lambda: logs)
        server.start()
        link = await client.there()

    assert await link.ask([("PING",)]) == [b"PONG"]
    assert [(each["log_level"], each["event"]) for each in logs] == [
        ("warning", "Redis is away; everything works from Postgres meanwhile"),
        ("info", "Redis is back, and in use again"),
    ]


async def test_a_connection_that_the_server_ended_is_made_again_without_a_word(
    client: RedisClient, server: OwnRedis
) -> None:
    first = await client.needed()
    with capture_logs() as logs:
        async with redis.asyncio.Redis.from_url(server.url) as other:
            await other.client_kill_filter(_type="normal", skipme=True)
        await eventually(lambda: client.link not in {None, first})

    assert await client.ask("PING") == b"PONG"
    assert logs == []


async def test_while_it_hangs_one_waits_and_those_who_come_meanwhile_do_not(server: OwnRedis) -> None:
    client = RedisClient(RedisSettings(url=server.url))
    link = await client.there()
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(RedisAway, match="did not answer in time"):
            await client.ask("PING")
        refused = [await asyncio.gather(client.ask("PING"), return_exceptions=True) for _ in range(100)]
        await eventually(lambda: _has_lost(client, link), what="to give it up")
    finally:
        server.process.send_signal(signal.SIGCONT)

    assert {type(each[0]) for each in refused} == {RedisAway}
    assert await (await client.there()).ask([("PING",)], seconds=PATIENCE) == [b"PONG"]
    await client.aclose()


async def _has_lost(client: RedisClient, link: Link) -> bool:
    with pytest.raises(RedisAway):
        await client.ask("PING")
    return client.link is not link


async def test_a_server_that_takes_no_writes_counts_as_away(client: RedisClient, server: OwnRedis) -> None:
    await client.ask("CONFIG", "SET", "maxmemory", "1")
    try:
        with capture_logs() as logs:
            with pytest.raises(RedisAway, match="refused"):
                await client.ask("SET", "photo", "1")
            await eventually(lambda: logs)
    finally:
        async with redis.asyncio.Redis.from_url(server.url) as other:
            await other.config_set("maxmemory", "0")

    await (await client.there()).ask([("SET", "photo", "1")])
    assert [each["log_level"] for each in logs] == ["warning"]


async def test_one_that_takes_no_writes_any_more_is_found_out_by_who_only_reads(
    client: RedisClient, server: OwnRedis
) -> None:
    link = await client.needed()
    async with redis.asyncio.Redis.from_url(server.url) as other:
        await other.config_set("maxmemory", "1")
        try:
            await eventually(lambda: client.link is not link)
        finally:
            await other.config_set("maxmemory", "0")

    # What others could not tell meanwhile they tell before anything is read again.
    assert (await client.there()).settled_at > asyncio.get_running_loop().time()


async def test_what_this_user_of_it_may_not_do_takes_nothing_else_away(client: RedisClient) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(RedisAway, match="refused"):
                await client.ask("NONSENSE")

    assert await client.ask("PING") == b"PONG"
    assert [each["log_level"] for each in logs] == ["warning"]


@pytest.mark.parametrize("url", ["redis://host/0?nonsense=1", "redis://host?db=many"])
def test_an_option_that_is_not_known_is_refused_without_telling_the_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"option|Invalid value") as refusal:
        connection_to(RedisSettings(url=url.replace("//", "//user:secret@")))

    assert "secret" not in str(refusal.value)


async def test_readiness_is_degraded_without_it(client: RedisClient) -> None:
    check = RedisCheck(client)
    await check.check()

    (await client.needed()).lose(ConnectionError("as told"))

    with pytest.raises(Degraded):
        await check.check()


async def test_one_that_hangs_is_found_out_by_who_asks_nothing(server: OwnRedis) -> None:
    client = RedisClient(RedisSettings(url=server.url))
    link = await client.there()
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        await eventually(lambda: client.link is not link)
    finally:
        server.process.send_signal(signal.SIGCONT)

    assert (await client.there()).settled_at > asyncio.get_running_loop().time()
    await client.aclose()

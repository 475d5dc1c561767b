"""What whoever listens on the channel is shown."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import redis.asyncio

from photostore_adapters.channel import Message, messages
from photostore_adapters.redis.messages import payload_of
from photostore_adapters.redis.settings import RedisSettings
from photostore_http.commands.listening import line_of
from tests.adapters.redis.hearing import hears
from tests.waiting import eventually

ID = UUID("00000000-0000-7000-8000-000000000001")
MESSAGE = Message(
    event="photo.uploaded",
    id=ID,
    title="The sea",
    owner_id=ID,
    seq=1,
    occurred_at=datetime(2026, 6, 1, 12, 30, tzinfo=UTC),
    event_id=ID,
    entity="photo",
    change="photo.created",
)


def test_a_message_is_json_that_begins_with_what_happened() -> None:
    assert payload_of(MESSAGE).decode() == (
        f'{{"event":"photo.uploaded","id":"{ID}","title":"The sea","owner_id":"{ID}","seq":1,'
        f'"occurred_at":"2026-06-01T12:30:00Z","event_id":"{ID}","entity":"photo","change":"photo.created"}}'
    )


def test_a_line_tells_when_what_which_and_what_it_is_called() -> None:
    assert line_of(MESSAGE) == f"2026-06-01 12:30:00Z  photo.uploaded    {ID}  The sea"


def test_no_title_steers_the_terminal() -> None:
    steering = Message(**{name: getattr(MESSAGE, name) for name in MESSAGE.__struct_fields__} | {"title": "\x1b[2J\n"})

    assert line_of(steering).endswith("  ?[2J?")


async def test_messages_come_as_published_and_what_is_none_is_passed_over(redis_url: str) -> None:
    settings, told, heard = RedisSettings(url=redis_url), list[str](), list[tuple[bytes, Message]]()

    async def listen() -> None:
        async for each in messages(settings, told.append):
            heard.append(each)

    listening = asyncio.create_task(listen())
    await eventually(lambda: hears(settings, settings.channel))
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await client.publish(settings.channel, b"hello")
        await client.publish(settings.channel, payload_of(MESSAGE))
    await eventually(lambda: heard)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)

    assert heard == [(payload_of(MESSAGE), MESSAGE)]
    assert told == ["Listening on photostore.events.", "Something else was published on the channel."]

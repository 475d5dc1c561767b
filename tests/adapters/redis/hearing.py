"""A program that hears what is published on the channel."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio

from photostore_adapters.redis.messages import Message, message_in
from photostore_adapters.redis.settings import RedisSettings
from photostore_adapters.redis.subscribing import Subscription, published


class Heard(Subscription):
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.hears = asyncio.Event()

    def heard_again(self) -> None:
        self.hears.set()

    def lost(self, fault: Exception) -> None:
        self.hears.clear()


@asynccontextmanager
async def hearing(url: str) -> AsyncIterator[Heard]:
    heard, settings = Heard(), RedisSettings(url=url)

    async def listen() -> None:
        async for payload in published(settings, settings.channel, heard):
            heard.messages.append(message_in(payload))

    listening = asyncio.create_task(listen())
    await asyncio.wait_for(heard.hears.wait(), 10)
    try:
        yield heard
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def hears(settings: RedisSettings, channel: str) -> bool:
    """Whether anybody does."""
    async with redis.asyncio.Redis.from_url(settings.url) as client:
        [(_, listeners)] = await client.pubsub_numsub(channel)
    return bool(listeners)

"""`photostore listen`."""

import asyncio
import os
import sys
from contextlib import suppress

import click
import uvloop

from photostore_adapters.channel import Message, RedisSettings, messages, redis_settings
from photostore_adapters.launch import settings_in_force
from photostore_http.commands.telling import told_readably
from photostore_http.lifetime import on_stop_signals


def listen(*, as_json: bool) -> None:
    with told_readably():
        redis = redis_settings(settings_in_force())
        with suppress(BrokenPipeError):
            uvloop.run(_listen(redis, as_json=as_json))
            return
    # Whoever read it has ended: nothing is left to be told, and Python need not try at its own end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _listen(redis: RedisSettings, *, as_json: bool) -> None:
    """Until SIGINT or SIGTERM, or nobody reads it any more."""
    printing = asyncio.create_task(_print(redis, as_json=as_json))
    on_stop_signals(printing.cancel)  # type: ignore[arg-type]
    with suppress(asyncio.CancelledError):
        await printing


async def _print(redis: RedisSettings, *, as_json: bool) -> None:
    async for payload, message in messages(redis, lambda words: click.echo(words, err=True)):
        click.echo(payload if as_json else line_of(message))


def line_of(message: Message) -> str:
    """Titles are other people's: what would steer a terminal shows as a question mark."""
    title = "".join(each if each.isprintable() else "?" for each in message.title or "-")
    return f"{message.occurred_at:%Y-%m-%d %H:%M:%S}Z  {message.event:<16}  {message.id}  {title}"

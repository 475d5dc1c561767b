"""One connection to Redis while it lasts: commands go out as they come, answers come back in their order."""

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ClusterDownError, MasterDownError, OutOfMemoryError, ReadOnlyError, ResponseError

from photostore_adapters.redis.connecting import FAULTS
from photostore_adapters.redis.metrics import REDIS_ERRORS

_log = structlog.get_logger(__name__)
Command = Sequence[str | bytes | int]
# What a server says that takes no writes: a replica, or one that is full or cannot save. Then nobody should ask it.
_REFUSES_ALL = (ReadOnlyError, OutOfMemoryError, MasterDownError, ClusterDownError)
_REFUSES_ALL_TOO = ("MISCONF", "NOREPLICAS")
# An answer that takes so long, and so many times what a request waits for, will not come.
_LOST_SECONDS, _LOST_AFTER = 1.0, 10
_ALIVE_SECONDS = 1


class RedisAway(Exception):
    """Redis is not to be had now, or did not answer in time. Whoever asked does without it."""


class Link:
    """`run` names this run of this server: what was kept in another one may be older than it looks. At `settled_at` all
    processes that lost it in the same outage should be back. What was sent at `answered_from`, by asyncio's clock, is the
    last that was answered."""

    def __init__(self, connection: AbstractConnection, command_timeout: float, trial: Command) -> None:
        """`trial` is a command that a server which takes no writes refuses."""
        self._connection = connection
        self._trial = trial
        self._timeout = command_timeout
        self._lost_after = max(_LOST_SECONDS, _LOST_AFTER * command_timeout)
        self._unanswered: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[Exception] = self._loop.create_future()
        self._reading = asyncio.create_task(self._read())
        self._pinging = asyncio.create_task(self._ping())
        self._refusal_told = False
        self.run = ""
        self.uptime = 0.0
        self.answered_from = float("-inf")
        self.settled_at = 0.0

    async def ask(self, commands: Sequence[Command], *, seconds: float | None = None) -> list[Any]:
        """The answers, in order; by default waited for as long as a request waits. Raise `RedisAway`."""
        if seconds is None:
            self._demand_prompt()
        try:
            async with asyncio.timeout(seconds or self._timeout):
                return [await each for each in await self._write(commands)]
        except TimeoutError:
            REDIS_ERRORS.labels("timeout").inc()
            raise RedisAway("it did not answer in time") from None

    async def send(self, commands: Sequence[Command], *, seconds: float | None = None) -> Sequence[asyncio.Future[Any]]:
        """For whoever waits for no answer. They are executed in the order in which they were sent, whoever sent them. What
        cannot even be sent in this time breaks the connection."""
        if seconds is None:
            self._demand_prompt()
        try:
            async with asyncio.timeout(seconds or self._timeout):
                return await self._write(commands)
        except TimeoutError as fault:
            self.lose(fault)
            raise RedisAway("it takes nothing") from None

    async def _write(self, commands: Sequence[Command]) -> Sequence[asyncio.Future[Any]]:
        if self._lost.done():
            raise RedisAway("the connection was lost")
        now = self._loop.time()
        answers = [self._loop.create_future() for _ in commands]
        for each in answers:
            each.add_done_callback(_looked_at)
            self._unanswered.append((each, now))
        try:
            await self._connection.send_packed_command(self._connection.pack_commands(commands), check_health=False)
        except FAULTS as fault:
            self.lose(fault)
            raise RedisAway("the connection was lost") from fault
        return answers

    async def lost(self) -> Exception:
        """Return when it is, and tell why."""
        return await asyncio.shield(self._lost)

    def lose(self, why: Exception) -> None:
        if self._lost.done():
            return
        REDIS_ERRORS.labels("refused" if isinstance(why, ResponseError) else "lost").inc()
        self._lost.set_result(why)
        while self._unanswered:
            answer, _ = self._unanswered.popleft()
            if not answer.done():
                answer.set_exception(RedisAway("the connection was lost"))

    async def aclose(self) -> None:
        self.lose(ConnectionError("closed"))
        self._pinging.cancel()
        self._reading.cancel()
        await asyncio.gather(self._pinging, self._reading, return_exceptions=True)
        await self._connection.disconnect(nowait=True)

    def hangs(self) -> bool:
        """Whether an answer is overdue. One that takes far too long breaks the connection."""
        if not self._unanswered:
            return False
        waited = self._loop.time() - self._unanswered[0][1]
        if waited > self._lost_after:
            self.lose(TimeoutError(f"no answer for {waited:.1f} s"))
        return waited > self._timeout

    def _demand_prompt(self) -> None:
        """While it hangs, one waits; those who come meanwhile do not."""
        if self.hangs():
            raise RedisAway("it does not answer")

    async def _read(self) -> None:
        try:
            while True:
                fault: Exception | None = None
                try:
                    answer = await self._connection.read_response(disable_decoding=True, timeout=math.inf)
                except ResponseError as refusal:
                    answer, fault = None, refusal
                self._answer(answer, fault)
        except FAULTS as broken:
            self.lose(broken)
        except Exception as bug:  # noqa: BLE001 - whatever it was, nobody else would read
            self.lose(bug)

    def _answer(self, answer: Any, fault: Exception | None) -> None:
        if not self._unanswered:
            return  # it was lost meanwhile
        waiting, self.answered_from = self._unanswered.popleft()
        if not waiting.done():
            if fault is None:
                waiting.set_result(answer)
            else:
                waiting.set_exception(RedisAway(f"it refused: {fault}"))
        if fault is not None:
            self._refused(fault)

    def _refused(self, fault: Exception) -> None:
        if isinstance(fault, _REFUSES_ALL) or str(fault).startswith(_REFUSES_ALL_TOO):
            self.lose(fault)
            return
        REDIS_ERRORS.labels("refused").inc()
        if not self._refusal_told:
            self._refusal_told = True
            _log.warning("Redis refuses a command; see what this user of it may do", error=str(fault))

    async def _ping(self) -> None:
        """Keep it from being taken for idle; and find out when it hangs, or takes no writes any more, though nobody asks it for
        more than what it has: others can then not tell it what is over."""
        with suppress(RedisAway):
            while True:
                await asyncio.sleep(_ALIVE_SECONDS)
                # Not by a timeout of its own: a process that was busy for a while finds the answers that came meanwhile.
                if not self.hangs():
                    await self.send([self._trial], seconds=self._lost_after)


def _looked_at(answer: asyncio.Future[Any]) -> None:
    """So that asyncio does not complain where nobody waits any more."""
    if not answer.cancelled():
        answer.exception()

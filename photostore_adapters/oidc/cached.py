"""One value that is fetched from afar, kept for a while, and fetched once however many ask for it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from photostore.shared.clock import Clock
from photostore.user.identity_provider import IdentityProviderUnavailable

T = TypeVar("T")

# A provider that just failed is left alone for so long: the many who ask meanwhile must not each wait for a timeout.
_PAUSE_WITHOUT_VALUE = timedelta(seconds=1)
_PAUSE_WITH_VALUE = timedelta(seconds=30)

_log = structlog.get_logger(__name__)


def recently(at: datetime | None, *, now: datetime, within: timedelta) -> bool:
    """Whether `at` lies less than `within` ago. A time in the future, after the clock was set back, does not."""
    return at is not None and timedelta(0) <= now - at < within


class Cached(Generic[T]):
    """`load` raises `IdentityProviderUnavailable` or returns the value. A value past `max_age` that cannot be fetched
    anew is still given out: a provider that restarts takes nobody's session down."""

    def __init__(self, name: str, load: Callable[[], Awaitable[T]], *, clock: Clock, max_age: timedelta) -> None:
        self._name = name
        self._load = load
        self._clock = clock
        self._max_age = max_age
        self._kept: tuple[T, datetime] | None = None
        self._failed_at: datetime | None = None
        self._loading: asyncio.Task[T] | None = None

    @property
    def is_loading(self) -> bool:
        return self._loading is not None

    async def get(self) -> T:
        now = self._clock.now()
        if self._kept is None:
            if recently(self._failed_at, now=now, within=_PAUSE_WITHOUT_VALUE):
                raise IdentityProviderUnavailable("the identity provider did not answer a moment ago")
            return await self.reload()
        value, loaded_at = self._kept
        if recently(loaded_at, now=now, within=self._max_age) or recently(
            self._failed_at, now=now, within=_PAUSE_WITH_VALUE
        ):
            return value
        try:
            return await self.reload()
        except IdentityProviderUnavailable as error:
            _log.warning("identity_provider_stale", what=self._name, reason=error.detail)
            return value

    async def reload(self) -> T:
        """Fetch it now, or wait for the fetch that is under way."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._fetch())
            self._loading.add_done_callback(self._forget)
        # Shielded: the one who asked first may hang up while others wait for the same answer.
        return await asyncio.shield(self._loading)

    async def aclose(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            with suppress(asyncio.CancelledError, IdentityProviderUnavailable):
                await self._loading

    async def _fetch(self) -> T:
        try:
            value = await self._load()
        except IdentityProviderUnavailable:
            self._failed_at = self._clock.now()
            raise
        self._kept, self._failed_at = (value, self._clock.now()), None
        return value

    def _forget(self, task: asyncio.Task[T]) -> None:
        self._loading = None
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain where every waiter had gone

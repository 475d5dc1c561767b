"""Sessions, API keys and media URLs that were taken back: other processes are told at once, where Redis is there to tell them.

What Postgres promises holds without it: four seconds for credentials, sixty for media URLs.
"""

import asyncio
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from contextvars import Context
from uuid import UUID

import structlog

from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.shared.media import MediaRevoker
from photostore.user.actor import Actor
from photostore.user.queries import LiveCredentials
from photostore_adapters.postgres.transaction import Transaction
from photostore_adapters.postgres.waiting import waiting
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.link import RedisAway
from photostore_adapters.redis.settings import RedisSettings
from photostore_adapters.redis.subscribing import Subscription, published

_log = structlog.get_logger(__name__)
_MEDIA = "media"


class RevocationBus:
    """Tells all processes, this one among them; `start` hears what the others tell."""

    def __init__(self, client: RedisClient, settings: RedisSettings) -> None:
        self._client = client
        self._settings = settings
        self.on_user: Callable[[UserId], None] = lambda _: None
        self.on_media: Callable[[], None] = lambda: None
        self._telling = set[asyncio.Task[None]]()
        self._hearing: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._hearing is None:
            # Nobody's request: its log lines name none.
            self._hearing = asyncio.get_running_loop().create_task(self._hear(), context=Context())

    def tell_user(self, user_id: UserId) -> None:
        self._tell(str(user_id))

    def tell_media(self) -> None:
        self._tell(_MEDIA)

    async def aclose(self) -> None:
        if self._telling:
            await asyncio.wait(self._telling, timeout=self._settings.connect_timeout)
        if self._hearing is not None:
            self._hearing.cancel()
            with suppress(asyncio.CancelledError):
                await self._hearing

    def _tell(self, what: str) -> None:
        telling = asyncio.get_running_loop().create_task(self._publish(what), context=Context())
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _publish(self, what: str) -> None:
        with suppress(RedisAway):
            await self._client.ask("PUBLISH", self._settings.revocations_channel, what)

    async def _hear(self) -> None:
        while True:
            try:
                async for payload in published(self._settings, self._settings.revocations_channel, Subscription()):
                    self._heard(payload.decode(errors="replace"))
            except Exception:  # noqa: BLE001 - whatever it was, nobody else would hear
                _log.exception("hearing of revocations failed; trying again")
                await asyncio.sleep(1)

    def _heard(self, what: str) -> None:
        if what == _MEDIA:
            self.on_media()
            return
        with suppress(ValueError):
            self.on_user(UserId(UUID(what)))


class ToldCredentials(LiveCredentials):
    """What this process is told to forget, all forget."""

    def __init__(self, credentials: LiveCredentials, bus: RevocationBus) -> None:
        self._credentials = credentials
        self._bus = bus
        bus.on_user = credentials.forget

    async def of_session(self, user_id: UserId, session_id: SessionId) -> Actor | None:
        return await self._credentials.of_session(user_id, session_id)

    async def of_api_key(self, user_id: UserId, key_id: ApiKeyId, secret_digest: bytes) -> Actor | None:
        return await self._credentials.of_api_key(user_id, key_id, secret_digest)

    async def of_identity(self, issuer: str, subject: str) -> Actor | None:
        return await self._credentials.of_identity(issuer, subject)

    async def ended(self, actors: Sequence[Actor]) -> Set[Actor]:
        return await self._credentials.ended(actors)

    def forget(self, user_id: UserId) -> None:
        self._credentials.forget(user_id)
        mine = waiting()
        if mine is None or mine.transaction is None:
            self._bus.tell_user(user_id)
        else:
            # Whoever looked before the commit would find it alive, and remember that.
            mine.transaction.after_commit(lambda: self._bus.tell_user(user_id))


class ToldMediaRevoker(MediaRevoker):
    """Once what it revoked is committed, all look at once what that is."""

    def __init__(self, revoker: MediaRevoker, transaction: Transaction, bus: RevocationBus) -> None:
        self._revoker = revoker
        self._bus = bus
        self._changed = False
        transaction.after_commit(self._committed)

    async def revoke(self, subjects: Sequence[str]) -> None:
        await self._revoker.revoke(subjects)
        self._changed = True

    async def allow(self, subjects: Sequence[str]) -> None:
        await self._revoker.allow(subjects)
        self._changed = True

    def _committed(self) -> None:
        if self._changed:
            self._changed = False
            self._bus.tell_media()

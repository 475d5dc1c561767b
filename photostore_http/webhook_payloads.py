"""The messages that webhooks are sent: what the change feed says, as `GET /changes` says it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from dishka import Provider, Scope, provide
from msgspec import Struct

from photostore.album.queries import AlbumQueries
from photostore.event.queries import ChangeQueries, ChangeView
from photostore.hashtag.queries import HashtagVisibility
from photostore.photo.queries import PhotoQueries
from photostore.shared.ids import UserId, WebhookId
from photostore.webhook.ports import WebhookPayloads
from photostore.webhook.topics import PING
from photostore_http.change_documents import (
    AlbumChange,
    ChangeDocuments,
    HashtagChange,
    PhotoChange,
    UploadChange,
)


class WebhookMessage(Struct, frozen=True, kw_only=True):
    """The body of a request to a webhook, as Standard Webhooks recommends; `data` is the item of the change feed."""

    type: str
    timestamp: datetime
    data: PhotoChange | HashtagChange | UploadChange | AlbumChange


class Pinged(Struct, frozen=True, kw_only=True):
    webhook_id: UUID


class WebhookPing(Struct, frozen=True, kw_only=True):
    """What a webhook is sent to try it."""

    type: Literal["webhook.ping"] = PING  # type: ignore[assignment]
    timestamp: datetime
    data: Pinged


class DocumentPayloads(WebhookPayloads):
    def __init__(
        self, changes: ChangeQueries, photos: PhotoQueries, albums: AlbumQueries, hashtags: HashtagVisibility
    ) -> None:
        self._documents = ChangeDocuments(changes, photos, albums, hashtags)

    async def of(self, changes: Sequence[ChangeView], *, owner: UserId) -> Sequence[bytes]:
        told = await self._documents.of(changes, owner=owner)
        return [_encoded(WebhookMessage(type=each.event, timestamp=each.occurred_at, data=each)) for each in told]

    def of_ping(self, webhook_id: WebhookId, *, at: datetime) -> bytes:
        return _encoded(WebhookPing(timestamp=at, data=Pinged(webhook_id=webhook_id)))


def _encoded(message: Any) -> bytes:
    return msgspec.json.encode(message)


class PayloadsProvider(Provider):
    """For every process that delivers."""

    payloads = provide(DocumentPayloads, provides=WebhookPayloads, scope=Scope.APP, override=True)

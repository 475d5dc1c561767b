"""What delivering to webhooks offers to the container."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from dishka import Provider, Scope, from_context, provide

from photostore.event.queries import ChangeView
from photostore.shared.ids import UserId
from photostore.webhook.delivery import Answer
from photostore.webhook.ports import Message, WebhookPayloads, WebhookSecrets, WebhookSender
from photostore.webhook.target import WebhookTargets
from photostore_adapters.webhooks.secrets import SealedWebhookSecrets
from photostore_adapters.webhooks.settings import SenderSettings, WebhookSecretSettings


class NoPayloads(WebhookPayloads):
    """Of commands that deliver nothing. What serves or works has documents, as the HTTP door writes them, in its place."""

    async def of(self, changes: Sequence[ChangeView], *, owner: UserId) -> Sequence[bytes]:
        raise NotImplementedError("this process delivers no webhooks")

    def of_ping(self, *_: object, **__: object) -> bytes:
        raise NotImplementedError("this process delivers no webhooks")


class LazySender(WebhookSender):
    """Loads its HTTP client with the first message: who has no webhooks does without."""

    def __init__(self, settings: SenderSettings, targets: WebhookTargets) -> None:
        self._settings = settings
        self._targets = targets
        self._sender: WebhookSender | None = None
        self._close: Callable[[], Awaitable[None]] | None = None

    async def send(self, message: Message) -> Answer:
        if self._sender is None:
            from photostore_adapters.webhooks.sender import HttpWebhookSender

            self._sender = HttpWebhookSender(self._settings, self._targets)
            self._close = self._sender.aclose
        return await self._sender.send(message)

    async def aclose(self) -> None:
        if self._close is not None:
            await self._close()


class WebhooksProvider(Provider):
    scope = Scope.APP

    sender_settings = from_context(SenderSettings)
    secret_settings = from_context(WebhookSecretSettings)
    secrets = provide(SealedWebhookSecrets, provides=WebhookSecrets)
    payloads = provide(NoPayloads, provides=WebhookPayloads)

    @provide
    async def sender(self, settings: SenderSettings, targets: WebhookTargets) -> AsyncIterator[WebhookSender]:
        sender = LazySender(settings, targets)
        yield sender
        await sender.aclose()

"""Secrets of webhooks, sealed: a stolen database signs nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from photostore.shared.ids import WebhookId
from photostore.webhook.ports import WebhookSecrets
from photostore_adapters.webhooks.settings import WebhookSecretSettings


class SealedWebhookSecrets(WebhookSecrets):
    """AES-SIV (RFC 5297), bound to the webhook: no row's secret passes for another's."""

    def __init__(self, settings: WebhookSecretSettings) -> None:
        self._keys = [AESSIV(key) for key in settings.keys]

    def seal(self, webhook_id: WebhookId, secret: str) -> str:
        return urlsafe_b64encode(self._keys[0].encrypt(secret.encode(), [webhook_id.bytes])).decode()

    def open(self, webhook_id: WebhookId, sealed: str) -> str | None:
        content = urlsafe_b64decode(sealed)
        for key in self._keys:
            try:
                return key.decrypt(content, [webhook_id.bytes]).decode()
            except InvalidTag:
                continue
        return None

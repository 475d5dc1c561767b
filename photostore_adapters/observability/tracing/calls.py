"""Spans of what other services are asked: the identity provider, and the endpoints of webhooks. Endpoints are not named, since
their addresses are often secrets; and they are not told of the trace."""

from collections.abc import Mapping

from opentelemetry.trace import StatusCode

from photostore.user.identity_provider import (
    IdentityProvider,
    ProviderIdentity,
    ProviderTokenInvalid,
    SignInAttempt,
    SignInRefused,
)
from photostore.webhook.delivery import Answer
from photostore.webhook.ports import Message, WebhookSender
from photostore_adapters.observability.tracing.leaves import Leaves

_REFUSALS = (SignInRefused, ProviderTokenInvalid)


class TracedIdentityProvider(IdentityProvider):
    """What it answered before may be known still: a short span is one in which nobody was asked."""

    def __init__(self, inner: IdentityProvider, leaves: Leaves) -> None:
        self._inner = inner
        self._leaves = leaves

    async def begin(self, *, redirect_uri: str) -> tuple[str, SignInAttempt]:
        with self._leaves.leaf("oidc begin", {}):
            return await self._inner.begin(redirect_uri=redirect_uri)

    async def finish(self, attempt: SignInAttempt, answer: Mapping[str, str]) -> ProviderIdentity:
        with self._leaves.leaf("oidc finish", {}, fine=_REFUSALS):
            return await self._inner.finish(attempt, answer)

    async def identify(self, access_token: str) -> ProviderIdentity:
        with self._leaves.leaf("oidc identify", {}, fine=_REFUSALS):
            return await self._inner.identify(access_token)


class TracedSender(WebhookSender):
    def __init__(self, inner: WebhookSender, leaves: Leaves) -> None:
        self._inner = inner
        self._leaves = leaves

    async def send(self, message: Message) -> Answer:
        with self._leaves.leaf("POST", {"http.request.method": "POST"}) as span:
            answer = await self._inner.send(message)
            if answer.status is not None:
                span.set_attribute("http.response.status_code", answer.status)
            if answer.fault is not None:
                span.set_attribute("error.type", answer.fault.value)
                span.set_status(StatusCode.ERROR)
            return answer

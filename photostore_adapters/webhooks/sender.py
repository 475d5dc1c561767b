"""Messages to endpoints, over HTTP."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

from photostore.webhook.delivery import Answer, Fault
from photostore.webhook.errors import WebhookInvalid
from photostore.webhook.ports import Message, WebhookSender
from photostore.webhook.target import WebhookTargets
from photostore_adapters.observability.metrics import WEBHOOK_SECONDS
from photostore_adapters.webhooks.resolver import AddressRefused, CheckedResolver
from photostore_adapters.webhooks.settings import SenderSettings

# Of an answer nobody reads more than its head; a short body is taken so that its connection can be used again.
_SHORT = 8192
_BODY_SECONDS = 0.5
_LINES = 8190
_ASKS_FOR_PATIENCE = (429, 503)
_BROKEN = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)
_LONGEST_TOLD = 10**7


@dataclass(slots=True)
class _Try:
    """`reused` when the connection had served a request before."""

    reused: bool = False


class HttpWebhookSender(WebhookSender):
    """Certificates are verified; no proxy, cookie or redirect is followed; connections are kept for what comes next."""

    def __init__(self, settings: SenderSettings, targets: WebhookTargets, *, tls: ssl.SSLContext | bool = True) -> None:
        self._targets = targets
        self._timeout = settings.timeout
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, resolver=CheckedResolver(targets.permits), ssl=tls, keepalive_timeout=30
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"User-Agent": settings.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,
            max_line_size=_LINES,
            max_field_size=_LINES,
            trace_configs=[_noting_reuse()],
        )

    async def aclose(self) -> None:
        await self._session.close()

    async def send(self, message: Message) -> Answer:
        started = time.perf_counter()
        status, fault, retry_after = None, None, None
        try:
            async with asyncio.timeout(self._timeout):
                status, retry_after = await self._post(message)
        except (aiohttp.ClientError, OSError, ValueError, WebhookInvalid) as error:
            fault = _fault(error)
        if status is not None:
            fault = _fault_of_status(status)
        seconds = time.perf_counter() - started
        WEBHOOK_SECONDS.labels("delivered" if fault is None else fault.value).observe(seconds)
        return Answer(status=status, fault=fault, seconds=seconds, retry_after=retry_after)

    async def _post(self, message: Message) -> tuple[int, timedelta | None]:
        """A connection that was kept may have been closed meanwhile: what broke on one is tried again."""
        url = URL(message.url, encoded=True)
        if not self._targets.permits_host(url.host or ""):
            raise AddressRefused("the address may not be connected to")
        self._targets.demand(message.url)
        while True:
            attempt = _Try()
            try:
                return await self._post_once(url, message, attempt)
            except _BROKEN as error:
                if not attempt.reused or isinstance(error, aiohttp.ClientConnectorError):
                    raise

    async def _post_once(self, url: URL, message: Message, attempt: _Try) -> tuple[int, timedelta | None]:
        asked = self._session.post(
            url, data=message.body, headers=message.headers, allow_redirects=False, trace_request_ctx=attempt
        )
        async with asked as response:
            if (response.content_length or 0) <= _SHORT:
                with suppress(TimeoutError, aiohttp.ClientError, OSError):
                    async with asyncio.timeout(_BODY_SECONDS):
                        await response.content.read(_SHORT)
            patience = response.headers.get("Retry-After") if response.status in _ASKS_FOR_PATIENCE else None
            return response.status, None if patience is None else _told_patience(patience.strip())


def _noting_reuse() -> aiohttp.TraceConfig:
    async def note(_session: object, context: object, _params: object) -> None:
        context.trace_request_ctx.reused = True  # type: ignore[attr-defined]

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_reuseconn.append(note)
    return tracing


def _fault_of_status(status: int) -> Fault | None:
    if 200 <= status < 300:
        return None
    return Fault.REDIRECTED if 300 <= status < 400 else Fault.STATUS


# The first that it is.
_FAULTS: Sequence[tuple[type[BaseException] | tuple[type[BaseException], ...], Fault]] = (
    (TimeoutError, Fault.TIMEOUT),
    (AddressRefused, Fault.ADDRESS_REFUSED),
    ((WebhookInvalid, aiohttp.InvalidURL), Fault.URL_REFUSED),
    (aiohttp.ClientConnectorDNSError, Fault.NAME_NOT_FOUND),
    ((aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError, ssl.SSLError), Fault.TLS_FAILED),
    (aiohttp.ClientConnectorError, Fault.CONNECTION_FAILED),
)


def _fault(error: Exception) -> Fault:
    cause = getattr(error, "os_error", None)
    known = cause if isinstance(cause, AddressRefused) else error
    return next((fault for kind, fault in _FAULTS if isinstance(known, kind)), Fault.CONNECTION_BROKEN)


def _told_patience(text: str) -> timedelta | None:
    """Of `Retry-After` (RFC 9110, 10.2.3): seconds, or a date."""
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:10]), _LONGEST_TOLD))
    with suppress(ValueError, OverflowError):
        at = parsedate_to_datetime(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return max(at - datetime.now(UTC), timedelta(0))
    return None

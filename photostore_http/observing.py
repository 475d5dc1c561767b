"""Around every request: its id, its metrics, its line in the log, the headers that every answer carries."""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast
from uuid import uuid4

import structlog
from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from photostore.shared.errors import Unavailable
from photostore.shared.rate_limits import RateState
from photostore_http.gallery.door import through_the_page
from photostore_http.problems import on_refusal, rate_limit_headers
from photostore_http.share_paths import names_token, told_path
from photostore_http.tus_headers import method_meant

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}", re.ASCII)
# What proxies call a request whose client went away.
_UNANSWERED = 499
_QUIET = frozenset({"/health", "/ping", "/healthz", "/metrics"})
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
# What is shown to whoever holds a link is for nobody else: no cache on the way, no search engine.
_OF_SHARES = ((b"x-robots-tag", b"noindex"), (b"cache-control", b"private, no-store"))
_STRICTEST = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class ServerStopping(Unavailable):
    title = "The server is stopping."


class RequestMetrics(Protocol):
    """Where requests are counted."""

    def observe(self, method: str, route: str, status: int, seconds: float) -> None: ...

    def count_upload(self, door: str, outcome: str, byte_size: int) -> None: ...

    def count_replay(self, route: str) -> None: ...


class RequestSpans(Protocol):
    """Where requests are traced."""

    def begin(self, scope: Any, method: str) -> Any:
        """The span that everything belongs to until it ends, in the same task."""

    def end(self, current: Any, *, method: str, route: str | None, status: int, problem: str | None) -> None: ...


LogContext = Callable[..., AbstractContextManager[None]]


class Observed:
    """The outermost layer, so that it sees what the router itself refuses, too.

    HEAD is answered as GET without the body: the router knows GET alone. An answer that was begun and `goes_on` for as long as
    its client likes is told, counted and logged as what it took to begin.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: RequestMetrics,
        log_context: LogContext,
        https: bool,
        spans: RequestSpans | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._log_context = log_context
        self._spans = spans
        # Bound once: the logger as it comes from structlog looks for its configuration at each line.
        self._log = structlog.get_logger("photostore.requests").bind()
        self._always = (*_ALWAYS, (b"strict-transport-security", b"max-age=31536000")) if https else _ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if cast("str", scope["type"]) != "http":
            await self._app(scope, receive, send)
            return
        # A copy: the server looks at its own to know how long the answer must be.
        seen: Any = dict(scope)
        seen["method"] = method = method_meant(seen)
        seen["request_id"] = request_id = _request_id(seen["headers"])
        through_the_page(seen)
        if method == "HEAD":
            seen["method"], seen["is_head"] = "GET", True
        answer = _Answer(seen, send, (*self._always, (b"x-request-id", request_id.encode())))
        spans = None if seen["path"] in _QUIET else self._spans
        span = spans.begin(seen, method) if spans is not None else None
        started = time.perf_counter()
        try:
            with self._log_context(request_id=request_id):
                await self._app(seen, receive, answer.send)
        except asyncio.CancelledError:
            if answer.status != _UNANSWERED:
                raise
            await self._send_away(seen, receive, answer.send)
        finally:
            self._tell(seen, method, answer.status, time.perf_counter() - started)
            if spans is not None:
                route, problem = seen.get("path_template"), seen.get("problem")
                spans.end(span, method=method, route=route, status=answer.status, problem=problem)
        goes_on = seen.get("goes_on")
        if goes_on is not None:
            # It may be days: what the request needed until here is let go of, and refers to itself in circles.
            seen["state"].clear()
            seen.clear()
            del seen, answer
            await goes_on(receive, send)

    async def _send_away(self, scope: Any, receive: Receive, send: Send) -> None:
        """The server stops, and has no more time for this."""
        request: Request[Any, Any, Any] = Request(scope)
        refusal = on_refusal(request, ServerStopping("The server stops. Another one, or this one later, does it."))
        await refusal.to_asgi_response(None, request)(scope, receive, send)

    def _tell(self, scope: Any, method: str, status: int, seconds: float) -> None:
        route = str(scope.get("path_template") or "unknown")
        # Who asked to wait for something was answered no later for that.
        self._metrics.observe(method, route, status, max(0.0, seconds - scope.get("waited_seconds", 0.0)))
        door = getattr(scope.get("route_handler"), "opt", {}).get("door")
        if door is not None and "upload_goes_on" not in scope:
            outcome = _outcome(scope, status)
            self._metrics.count_upload(door, outcome, scope.get("uploaded_bytes", 0))
        if "replayed" in scope:
            self._metrics.count_replay(route)
        if scope["path"] not in _QUIET or status >= 500:
            self._log.info(
                "request",
                request_id=scope["request_id"],
                method=method,
                path=told_path(scope["path"]),
                status=status,
                ms=round(seconds * 1000, 1),
                user_id=str(scope["user_id"]) if "user_id" in scope else None,
                problem=scope.get("problem"),
            )


def _outcome(scope: Any, status: int) -> str:
    if "replayed" in scope:
        return "replayed"
    return scope.get("problem") or scope.get("upload_outcome") or ("created" if status == 201 else "duplicate")


class _Answer:
    """The way out: adds the headers, notes the status, and keeps bodies from HEAD."""

    __slots__ = ("_head", "_headers", "_scope", "_send", "status")

    def __init__(self, scope: Any, send: Send, headers: tuple[tuple[bytes, bytes], ...]) -> None:
        self._scope = scope
        self._send = send
        self._headers = headers
        self._head = "is_head" in scope
        self.status = _UNANSWERED

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._with_headers(list(message["headers"]))
        elif self._head and message["type"] == "http.response.body":
            message["body"] = b""
        await self._send(message)

    def _with_headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        told = {name.lower() for name, _ in headers}
        headers += [pair for pair in self._headers if pair[0] not in told]
        if names_token(self._scope["path"]):
            headers += [pair for pair in _OF_SHARES if pair[0] not in told]
        if b"content-security-policy" not in told:
            headers.append(_STRICTEST)
        state: RateState | None = self._scope.get("rate_limit")
        if state is not None and b"ratelimit" not in told:
            limits = rate_limit_headers(state.rate.limit, state.rate.window, state.remaining, state.reset_seconds)
            headers += [(name.lower().encode(), value.encode()) for name, value in limits.items()]
        return headers


def _request_id(headers: list[tuple[bytes, bytes]]) -> str:
    """As it was sent, when it is fit to be sent back; else a new one."""
    for name, value in headers:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else str(uuid4())
    return str(uuid4())

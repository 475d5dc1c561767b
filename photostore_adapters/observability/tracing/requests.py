"""A span for each request that is answered."""

from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from photostore_adapters.observability.tracing.current import NOTHING, Current, link_to, remote
from photostore_adapters.observability.tracing.settings import Incoming, TracingSettings

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# What is logged for a client that went away before it was answered.
_NOT_ANSWERED = 499


class RequestSpans:
    """Named by method and template of the route: paths hold ids, and tokens of shares."""

    def __init__(self, tracer: Tracer, settings: TracingSettings) -> None:
        self._tracer = tracer
        self._incoming = settings.incoming
        self._server = settings.server

    def begin(self, scope: Any, method: str) -> Current:
        told = {**self._server, "http.request.method": _told(method), "url.scheme": scope["scheme"]}
        theirs = NOTHING if self._incoming is Incoming.IGNORE else _theirs(scope["headers"])
        goes_on = self._incoming is Incoming.CONTINUE
        span = self._tracer.start_span(
            _told(method),
            context=theirs if goes_on else NOTHING,
            kind=SpanKind.SERVER,
            attributes=told,
            links=None if goes_on else link_to(theirs),
        )
        return Current(span)

    def end(self, current: Current, *, method: str, route: str | None, status: int, problem: str | None) -> None:
        span = current.span
        if span.is_recording():
            if route:
                span.update_name(f"{_told(method)} {route}")
                span.set_attribute("http.route", route)
            if status != _NOT_ANSWERED:
                span.set_attribute("http.response.status_code", status)
            if problem is not None:
                span.set_attribute("photostore.problem", problem)
            if status >= 500:
                span.set_attribute("error.type", problem or str(status))
                span.set_status(StatusCode.ERROR)
        current.leave()


def _told(method: str) -> str:
    return method if method in _METHODS else "_OTHER"


def _theirs(headers: list[tuple[bytes, bytes]]) -> Context:
    for name, value in headers:
        if name == b"traceparent":
            return remote(value.decode("latin-1"))
    return NOTHING

"""The span that everything inside belongs to, also in the log."""

from contextvars import Token
from typing import Any

from opentelemetry.context import Context, attach, detach
from opentelemetry.propagators.textmap import default_getter
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    format_span_id,
    format_trace_id,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.contextvars import bind_contextvars, reset_contextvars

_PROPAGATOR = TraceContextTextMapPropagator()
NOTHING = Context()


class Current:
    """From its making to `leave`, in the same task. Each line that is logged meanwhile tells `trace_id` and `span_id`."""

    __slots__ = ("_attached", "_told", "span")

    def __init__(self, span: Span) -> None:
        self.span = span
        ids = span.get_span_context()
        self._attached: Token[Context] = attach(set_span_in_context(span, NOTHING))
        self._told: Any = bind_contextvars(trace_id=format_trace_id(ids.trace_id), span_id=format_span_id(ids.span_id))

    def leave(self) -> None:
        reset_contextvars(**self._told)
        detach(self._attached)
        self.span.end()


def remote(traceparent: object) -> Context:
    """The trace that a traceparent names (W3C Trace Context), or none. What else came with it is not taken."""
    if not isinstance(traceparent, str):
        return NOTHING
    return _PROPAGATOR.extract({"traceparent": traceparent}, NOTHING, default_getter)


def link_to(context: Context) -> list[Link]:
    found: SpanContext = get_current_span(context).get_span_context()
    return [Link(found)] if found.is_valid else []


def traceparent() -> str | None:
    """Of the span that is current."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")

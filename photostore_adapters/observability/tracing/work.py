"""Spans of jobs, and of what runs beside them."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Tracer
from pgqueuer.errors import RetryRequested

from photostore_adapters.observability.tracing.current import NOTHING, Current, remote, traceparent
from photostore_adapters.observability.tracing.leaves import Attributes, mark_failed
from photostore_adapters.observability.work_spans import WorkSpans

_CARRIED = "traceparent"


class TracedWork(WorkSpans):
    """A job is a part of the trace that enqueued it. Where nothing did, as with schedules, it is a trace of its own."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def carried(self) -> dict[str, str] | None:
        found = traceparent()
        return None if found is None else {_CARRIED: found}

    def job(self, name: str, *, job_id: str, carried: Mapping[str, object] | None) -> AbstractContextManager[object]:
        told = {
            "messaging.system": "pgqueuer",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": name,
            "messaging.message.id": job_id,
        }
        return self._current(f"process {name}", SpanKind.CONSUMER, remote((carried or {}).get(_CARRIED)), told)

    def turn(self, name: str) -> AbstractContextManager[object]:
        return self._current(name, SpanKind.INTERNAL, NOTHING, {})

    @contextmanager
    def _current(self, name: str, kind: SpanKind, parent: Context, told: Attributes) -> Iterator[None]:
        current = Current(self._tracer.start_span(name, context=parent, kind=kind, attributes=told))
        try:
            yield
        except RetryRequested:
            current.span.set_attribute("photostore.outcome", "given_back")
            raise
        except BaseException as error:
            mark_failed(current.span, error)
            raise
        finally:
            current.leave()

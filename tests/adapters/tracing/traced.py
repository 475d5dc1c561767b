"""A process that is traced, and keeps its spans to be looked at."""

import structlog
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from photostore_adapters.observability.tracing.leaves import Leaves
from photostore_adapters.observability.tracing.requests import RequestSpans
from photostore_adapters.observability.tracing.settings import Incoming, TracingSettings
from photostore_adapters.observability.tracing.work import TracedWork


class Traced:
    """Spans as they end, of a process that keeps the share `ratio` of its own."""

    def __init__(self, incoming: Incoming = Incoming.LINK, *, ratio: float = 1.0) -> None:
        provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(ratio)), shutdown_on_exit=False)
        self._kept = InMemorySpanExporter()
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        tracer = provider.get_tracer("test")
        self.requests = RequestSpans(tracer, TracingSettings(endpoint="", resource={}, incoming=incoming))
        self.leaves = Leaves(tracer)
        self.work = TracedWork(tracer)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._kept.get_finished_spans())

    def answer(self, *, traceparent: str | None = None, status: int = 200, problem: str | None = None) -> None:
        """A request that asks for one thing."""
        headers = [] if traceparent is None else [(b"traceparent", traceparent.encode())]
        current = self.requests.begin({"scheme": "http", "headers": headers}, "GET")
        with self.leaves.leaf("asked", {}):
            structlog.get_logger("tests").info("answering")
        self.requests.end(current, method="GET", route="/a/{id}", status=status, problem=problem)

"""Spans on their way to the collector: from a queue that is bounded, by a thread of its own, with one line in the log when it
fails and one when it works again."""

import logging
from collections.abc import Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from prometheus_client import Counter

from photostore_adapters.observability.tracing.settings import TracingSettings

SPANS = Counter(
    "photostore_trace_spans_total",
    "Spans by outcome: exported, failed (the collector did not take them), dropped (too many waited).",
    ("outcome",),
)
# Some 3 KB each.
MOST_WAITING = 4096
_BATCH = 512
_DELAY_MS = 2000.0

_log = structlog.get_logger(__name__)


class ToldExporter(SpanExporter):
    """`taken` is how many spans were handed over so far."""

    def __init__(self, exporter: SpanExporter, why: "Reasons") -> None:
        self._exporter = exporter
        self._why = why
        self._failing = False
        self.taken = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._why.forget()
        result = self._exporter.export(spans)
        self.taken += len(spans)
        failed = result is not SpanExportResult.SUCCESS
        SPANS.labels("failed" if failed else "exported").inc(len(spans))
        if failed and not self._failing:
            _log.warning("traces cannot be sent; they are given up until that works again", reason=self._why.first)
        elif self._failing and not failed:
            _log.info("traces are sent again")
        self._failing = failed
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class Reasons(logging.Handler):
    """What the exporter, which logs each of its tries, said first of the last batch."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.first: str | None = None

    def forget(self) -> None:
        self.first = None

    def emit(self, record: logging.LogRecord) -> None:
        self.first = self.first or record.getMessage()[:300]


class BoundedProcessor(BatchSpanProcessor):
    """What comes while `MOST_WAITING` wait is dropped, and counted."""

    def __init__(self, exporter: ToldExporter) -> None:
        super().__init__(
            exporter, max_queue_size=MOST_WAITING, schedule_delay_millis=_DELAY_MS, max_export_batch_size=_BATCH
        )
        self._exporter = exporter
        self._ended = 0

    def on_end(self, span: ReadableSpan) -> None:
        if self._ended - self._exporter.taken >= MOST_WAITING:
            SPANS.labels("dropped").inc()
            return
        self._ended += 1
        super().on_end(span)


def told_exporter(settings: TracingSettings) -> ToldExporter:
    why = Reasons()
    tries = logging.getLogger("opentelemetry.exporter")
    tries.handlers, tries.propagate = [why], False
    tries.setLevel(logging.WARNING)
    exporter = OTLPSpanExporter(
        endpoint=settings.endpoint,
        headers=settings.headers,
        timeout=settings.timeout,
        compression=Compression.Gzip,
    )
    return ToldExporter(exporter, why)

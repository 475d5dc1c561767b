"""A collector that refuses, hangs or is away: nobody waits for it, and the log tells it once."""

import socket
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from structlog.testing import capture_logs

from photostore_adapters.observability.tracing.exporting import (
    MOST_WAITING,
    SPANS,
    Reasons,
    ToldExporter,
    told_exporter,
)
from photostore_adapters.observability.tracing.settings import TracingSettings
from photostore_adapters.observability.tracing.tracing import Tracing
from tests.adapters.tracing.collector import collecting


def told(outcome: str) -> float:
    return float(SPANS.labels(outcome)._value.get())


def settings_of(endpoint: str, *, timeout: float = 0.4) -> TracingSettings:
    """By default so short that its exporter never tries a second time."""
    return TracingSettings(endpoint=f"{endpoint}/v1/traces", resource={"service.name": "tests"}, timeout=timeout)


def end_spans(tracing: Tracing, count: int) -> None:
    for _ in range(count):
        tracing.tracer.start_span("asked").end()


class Moody(SpanExporter):
    def __init__(self, *works: bool) -> None:
        self._works = iter(works)

    def export(self, _: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS if next(self._works) else SpanExportResult.FAILURE


def test_that_it_fails_and_that_it_works_again_is_one_line_each() -> None:
    exporter = ToldExporter(Moody(True, False, False, False, True, False), Reasons())

    with capture_logs() as lines:
        for _ in range(6):
            exporter.export([])

    assert [line["log_level"] for line in lines] == ["warning", "info", "warning"]


def test_why_it_refused_is_told() -> None:
    with collecting(status=401) as collector, capture_logs() as lines:
        tracing, before = Tracing(settings_of(collector.endpoint)), told("failed")
        end_spans(tracing, 3)
        tracing.close()

    assert told("failed") == before + 3
    [line] = lines
    assert "401" in line["reason"]


def test_that_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    exporter = told_exporter(settings_of(f"http://127.0.0.1:{port}", timeout=1.5))

    with capture_logs() as lines:
        exporter.export([])

    assert "Connection refused" in lines[0]["reason"]


def test_one_that_hangs_holds_up_nobody_and_costs_no_more_than_a_queue() -> None:
    before = told("dropped")

    with collecting(hangs=True) as collector:
        tracing = Tracing(TracingSettings(endpoint=collector.endpoint, resource={}, timeout=60))
        end_spans(tracing, 600)
        collector.is_asked()
        end_spans(tracing, MOST_WAITING + 1000)
        dropped = told("dropped") - before
        tracing.close(within=0.1)

    assert dropped >= 1000
    assert collector.asked == 1


def test_the_last_spans_are_sent_when_the_process_ends() -> None:
    before = told("exported")

    with collecting() as collector:
        tracing = Tracing(settings_of(collector.endpoint))
        end_spans(tracing, 700)
        tracing.close()

    assert len(collector.spans) == 700
    assert told("exported") == before + 700

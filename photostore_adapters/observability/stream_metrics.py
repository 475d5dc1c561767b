"""Streams of events, counted."""

from enum import StrEnum

from prometheus_client import Counter, Gauge, Histogram

STREAMS = Gauge("photostore_event_streams", "Clients that have a stream of events.", multiprocess_mode="livesum")
ENDED = Counter(
    "photostore_event_streams_ended_total",
    "Streams of events that ended, by reason: left, access-ended, token-expired, cursor-expired, shutdown.",
    ("reason",),
)
TOLD = Counter(
    "photostore_events_told_total",
    "Events given to streams (told), and those of them that nobody took any more (untaken).",
    ("outcome",),
)
DELAY_SECONDS = Histogram(
    "photostore_event_delay_seconds",
    "From a change to when it was given to the streams that were at the end of the feed.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
)


class PrometheusStreamMetrics:
    def began(self) -> None:
        STREAMS.inc()

    def ended(self, reason: StrEnum) -> None:
        STREAMS.dec()
        ENDED.labels(reason.value).inc()

    def told(self, events: int) -> None:
        TOLD.labels("told").inc(events)

    def untaken(self, events: int) -> None:
        if events:
            TOLD.labels("untaken").inc(events)

    def waited(self, seconds: float) -> None:
        DELAY_SECONDS.observe(seconds)

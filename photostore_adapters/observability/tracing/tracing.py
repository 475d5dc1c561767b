"""The traces of one process."""

from importlib.metadata import version
from threading import Thread

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from photostore_adapters.observability.tracing.exporting import BoundedProcessor, told_exporter
from photostore_adapters.observability.tracing.settings import TracingSettings

# How long the end of the process waits for the last spans to be taken.
STOP_SECONDS = 1.5
_LIMITS = SpanLimits(
    max_span_attributes=32,
    max_events=8,
    max_links=4,
    max_event_attributes=8,
    max_link_attributes=0,
    max_attribute_length=4096,
)


class Tracing:
    """`tracer` begins spans. Nothing of the library that is global is touched."""

    def __init__(self, settings: TracingSettings) -> None:
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)),
            resource=Resource(settings.resource),
            span_limits=_LIMITS,
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BoundedProcessor(told_exporter(settings)))
        self.tracer = self._provider.get_tracer("photostore", version("photostore"))

    def close(self, *, within: float = STOP_SECONDS) -> None:
        """Send what waits, for so many seconds at most; what is left then is lost."""
        ending = Thread(target=self._provider.shutdown, name="end of tracing", daemon=True)
        ending.start()
        ending.join(within)

"""Whether the collector takes traces: by one span of our own."""

import aiohttp
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from photostore_adapters.examining.finding import Finding, Findings, Part
from photostore_adapters.observability.tracing.settings import TracingSettings

SPAN = "photostore doctor"
_PART = Part("tracing")


async def examine_tracing(settings: TracingSettings) -> Findings:
    headers = {**settings.headers, "Content-Type": "application/x-protobuf"}
    timeout = aiohttp.ClientTimeout(total=settings.timeout)
    body = encode_spans([_span(settings)]).SerializeToString()
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.post(settings.endpoint, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        fix = "Mend TRACING__ENDPOINT, or open the way to the collector; until then traces are given up."
        told = f"{settings.endpoint} does not answer ({type(error).__name__})."
        yield _PART.failed("collector", told, fix)
        return
    yield _answered(settings, status)


def _answered(settings: TracingSettings, status: int) -> Finding:
    if 200 <= status < 300:
        told = f"It took a span: look for {SPAN!r} of {settings.resource['service.name']!r} in what shows traces."
        return _PART.ok("collector", told)
    fixes = {
        401: "Mend TRACING__HEADERS: the collector does not know the key in it, or wants one.",
        403: "Mend TRACING__HEADERS: the key in it may not send traces.",
        404: "Mend the path of TRACING__ENDPOINT: with one of its own, /v1/traces is not added.",
    }
    fix = fixes.get(
        status, "Look whether TRACING__ENDPOINT takes OTLP over HTTP (port 4318, not gRPC's 4317), and at its log."
    )
    return _PART.failed("collector", f"{settings.endpoint} answers {status}.", fix)


def _span(settings: TracingSettings) -> ReadableSpan:
    provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource(settings.resource), shutdown_on_exit=False)
    span = provider.get_tracer("photostore").start_span(SPAN)
    span.end()
    assert isinstance(span, ReadableSpan), "it was recorded"
    return span

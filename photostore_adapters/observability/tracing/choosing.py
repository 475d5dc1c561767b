"""What the settings say of tracing."""

import socket
from collections.abc import Sequence
from importlib.metadata import version
from urllib.parse import urlsplit
from uuid import uuid4

from dishka import Provider

from photostore_adapters.observability.tracing.provider import TracingProvider
from photostore_adapters.observability.tracing.settings import Incoming, TracingSettings
from photostore_adapters.settings import Settings


def tracing_settings(settings: Settings) -> TracingSettings:
    tracing = settings.tracing
    assert tracing.endpoint is not None, "asked only where it is set"
    return TracingSettings(
        endpoint=tracing.endpoint if urlsplit(tracing.endpoint).path.strip("/") else _with_path(tracing.endpoint),
        headers=dict(_pair(each.reveal()) for each in tracing.headers),
        resource={
            "service.name": tracing.service_name,
            "service.version": version("photostore"),
            "service.instance.id": str(uuid4()),
            "host.name": socket.gethostname(),
            **dict(map(_pair, tracing.resource_attributes)),
        },
        sample_ratio=tracing.sample_ratio,
        incoming=Incoming(tracing.incoming),
        timeout=tracing.timeout_seconds,
        server=_address(settings.base_url),
        store=_store(settings),
    )


def tracing_providers(settings: Settings) -> Sequence[Provider]:
    traced: list[Provider] = [TracingProvider(tracing_settings(settings))]
    if settings.redis_enabled:
        from photostore_adapters.observability.tracing.redis import TracedRedis

        traced.append(TracedRedis())
    return traced


def _with_path(endpoint: str) -> str:
    return f"{endpoint.rstrip('/')}/v1/traces"


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _address(url: str) -> dict[str, str | int]:
    parts = urlsplit(url)
    return {
        "server.address": parts.hostname or "",
        "server.port": parts.port or (443 if parts.scheme == "https" else 80),
    }


def _store(settings: Settings) -> dict[str, str]:
    s3 = settings.s3
    if settings.adapters.storage is not None:
        return {"photostore.store": "adapter"}
    if s3.bucket_name is None:
        return {"photostore.store": "filesystem"}
    address = urlsplit(s3.endpoint_url).hostname if s3.endpoint_url else f"s3.{s3.region_name}.amazonaws.com"
    return {
        "rpc.system": "aws-api",
        "rpc.service": "S3",
        "aws.s3.bucket": s3.bucket_name,
        "cloud.region": s3.region_name,
        "server.address": address or "",
    }

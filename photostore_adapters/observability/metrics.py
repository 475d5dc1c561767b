"""What is measured, for Prometheus. Labels name routes, outcomes and operations, never anything that grows with use."""

import os
import time
from contextlib import AbstractContextManager
from functools import lru_cache
from types import TracebackType

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

REQUEST_SECONDS = Histogram(
    "photostore_http_request_duration_seconds",
    "From the first byte of a request to the last of its answer, by route and status.",
    ("method", "route", "status"),
    buckets=_FAST,
)
UPLOADS = Counter(
    "photostore_uploads_total",
    "Uploads by door and outcome: created, duplicate, replayed, or the name of the problem.",
    ("door", "outcome"),
)
UPLOADED_BYTES = Counter("photostore_uploaded_bytes_total", "Bytes of the files that became photos.", ("door",))
REPLAYS = Counter(
    "photostore_idempotent_replays_total", "Requests that were answered by the answer kept for them.", ("route",)
)
STORE_SECONDS = Histogram(
    "photostore_blob_store_seconds",
    "Calls to the blob store by operation and outcome (ok, absent, exists, failed); put counts to the last byte.",
    ("operation", "outcome"),
    buckets=_FAST,
)
STORE_BYTES = Counter(
    "photostore_blob_store_bytes_total", "Bytes to (put) and from (get) the blob store.", ("operation",)
)
REPLICATED_READS = Counter(
    "photostore_replicated_reads_total",
    "Originals opened where there are replicas, by store (primary, or a replica's name) and outcome: ok, absent, damaged, "
    "failed (to open), broken (midway).",
    ("store", "outcome"),
)
REPLICA_WORK = Counter(
    "photostore_replica_work_total",
    "What was done in each store of originals, by outcome: copied, found (there already), mended, deleted, gone (the photo "
    "is), lost (no store has it), failed (the store does not answer).",
    ("store", "outcome"),
)
REPLICA_WAITING = Gauge(
    "photostore_replica_waiting",
    "What is to be done in each store of originals, by what it is: copy, delete, lost (to be copied, and in no store).",
    ("store", "what"),
    multiprocess_mode="mostrecent",
)
REPLICA_LAG_SECONDS = Gauge(
    "photostore_replica_lag_seconds",
    "Age of the oldest of these, by store.",
    ("store",),
    multiprocess_mode="mostrecent",
)
DATABASE_SECONDS = Histogram(
    "photostore_database_seconds",
    "Reads (one statement) and transactions, by outcome (ok, failed).",
    ("operation", "outcome"),
    buckets=_FAST,
)
POOL_CONNECTIONS = Gauge(
    "photostore_database_pool_connections",
    "Connections of this process by pool and state (in_use, idle).",
    ("pool", "state"),
    multiprocess_mode="livesum",
)
POOL_SIZE = Gauge(
    "photostore_database_pool_size",
    "Connections that a process may have at most, by pool.",
    ("pool",),
    multiprocess_mode="livesum",
)
WAITING_CLIENTS = Gauge(
    "photostore_waiting_clients", "Requests that wait for a change of the feed.", multiprocess_mode="livesum"
)
JOB_SECONDS = Histogram(
    "photostore_job_duration_seconds",
    "Jobs by name and outcome (done, failed, given_back).",
    ("job", "outcome"),
    buckets=_FAST,
)
JOBS = Gauge(
    "photostore_jobs", "Jobs in the queue by name and status.", ("job", "status"), multiprocess_mode="mostrecent"
)
OLDEST_JOB_SECONDS = Gauge(
    "photostore_job_oldest_seconds",
    "Age of the oldest job that is due, by name.",
    ("job",),
    multiprocess_mode="mostrecent",
)
UNTOLD_CHANGES = Gauge(
    "photostore_change_outbox_changes",
    "Changes that wait to be published on Redis; no more than 10,000 are counted.",
    multiprocess_mode="mostrecent",
)
OLDEST_UNTOLD_SECONDS = Gauge(
    "photostore_change_outbox_oldest_seconds",
    "Age of the oldest of those.",
    multiprocess_mode="mostrecent",
)
DECODE_SECONDS = Histogram(
    "photostore_decode_duration_seconds",
    "Decodings by outcome: decoded, or the reason why not. The time is the decoder process's, waiting not counted.",
    ("outcome",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30),
)
DECODED_PHOTOS = Counter(
    "photostore_decoded_photos_total",
    "Decodings of photos by outcome: ready, the failure, processing (to be tried again), gone.",
    ("outcome",),
)
IMAGES_MADE = Counter(
    "photostore_images_made_total",
    "Images that someone asked for, by format and outcome: made, found (made meanwhile for another), failed.",
    ("format", "outcome"),
)
QUOTA_DRIFT = Counter(
    "photostore_quota_drift_total", "Owners whose figure was off when it was counted anew, by figure.", ("figure",)
)
UNREFERENCED_BLOBS = Counter(
    "photostore_unreferenced_blobs_total", "Unreferenced blobs that the sweep found and removed."
)
LIBRARY_USERS = Gauge("photostore_library_users", "Accounts.", multiprocess_mode="mostrecent")
LIBRARY_PHOTOS = Gauge(
    "photostore_library_photos", "Photos of all accounts, without those in the trash.", multiprocess_mode="mostrecent"
)
LIBRARY_BYTES = Gauge(
    "photostore_library_bytes",
    "What all accounts keep, by kind: originals, trash, renditions, reserved (for uploads under way).",
    ("kind",),
    multiprocess_mode="mostrecent",
)
OPEN_UPLOADS = Gauge("photostore_uploads_open", "Uploads under way.", multiprocess_mode="mostrecent")
SWEEP_REFUSED = Gauge(
    "photostore_sweep_refused",
    "Whether the last look for unreferenced blobs found too much to be true, and removed nothing (1).",
    multiprocess_mode="mostrecent",
)
WEBHOOK_SECONDS = Histogram(
    "photostore_webhook_delivery_seconds",
    "Attempts to deliver to webhooks by outcome: delivered, or why not.",
    ("outcome",),
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
WEBHOOKS = Gauge(
    "photostore_webhooks",
    "Webhooks by state (enabled, failing, disabled).",
    ("state",),
    multiprocess_mode="mostrecent",
)
OLDEST_WEBHOOK_SECONDS = Gauge(
    "photostore_webhook_oldest_seconds",
    "Age of the oldest change that a webhook has yet to be told; 0 when there is none.",
    multiprocess_mode="mostrecent",
)
WEBHOOKS_DISABLED = Counter(
    "photostore_webhooks_disabled_total", "Webhooks that were disabled because of what they answered.", ("reason",)
)


@lru_cache(4096)
def _labelled(histogram: Histogram, *labels: str | int) -> Histogram:
    """One series, remembered: looking for it costs more than observing."""
    return histogram.labels(*labels)


class PrometheusRequestMetrics:
    """Requests and uploads, counted."""

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        _labelled(REQUEST_SECONDS, method, route, status).observe(seconds)

    def count_upload(self, door: str, outcome: str, byte_size: int) -> None:
        UPLOADS.labels(door, outcome).inc()
        if byte_size:
            UPLOADED_BYTES.labels(door).inc(byte_size)

    def count_replay(self, route: str) -> None:
        REPLAYS.labels(route).inc()


def observe_decoding(outcome: str, seconds: float) -> None:
    """`decoded`, or the reason why not, and what a decoder process spent on it."""
    DECODE_SECONDS.labels(outcome).observe(seconds)


def timed_operation(histogram: Histogram, operation: str) -> AbstractContextManager[None]:
    """Observe how long the block takes, as `ok` or `failed`."""
    return _Timed(histogram, operation)


class _Timed(AbstractContextManager[None]):
    """Around every statement: a generator would cost twice as much."""

    __slots__ = ("_histogram", "_operation", "_started")

    def __init__(self, histogram: Histogram, operation: str) -> None:
        self._histogram = histogram
        self._operation = operation

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = time.perf_counter() - self._started
        _labelled(self._histogram, self._operation, "ok" if kind is None else "failed").observe(seconds)


def exposition() -> bytes:
    """All metrics in Prometheus' text format; of every process where several share `PROMETHEUS_MULTIPROC_DIR`."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)

"""A collector: takes OTLP over HTTP in a thread of its own, and keeps it as it was sent."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.waiting import wait_until


def attributes(pairs: Iterator[KeyValue] | list[KeyValue]) -> dict[str, object]:
    return {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in pairs}


@dataclass(frozen=True)
class Told:
    """One span as the collector got it."""

    span: Span

    @property
    def name(self) -> str:
        return self.span.name

    @property
    def attributes(self) -> dict[str, object]:
        return attributes(list(self.span.attributes))

    @property
    def failed(self) -> bool:
        return self.span.status.code == self.span.status.STATUS_CODE_ERROR


@dataclass
class Collector:
    """While it `hangs` it reads and does not answer."""

    status: int = 200
    port: int = 0
    hangs: bool = False
    requests: list[ExportTraceServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def spans(self) -> list[Told]:
        scopes = [scope for request in self.requests for each in request.resource_spans for scope in each.scope_spans]
        return [Told(span) for scope in scopes for span in scope.spans]

    @property
    def resource(self) -> dict[str, object]:
        return attributes(list(self.requests[0].resource_spans[0].resource.attributes))

    def the(self, name: str) -> Told:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def is_asked(self) -> None:
        wait_until(lambda: self.asked > 0)

    def trace_of(self, told: Told) -> list[Told]:
        return [each for each in self.spans if each.span.trace_id == told.span.trace_id]


@contextmanager
def collecting(*, status: int = 200, hangs: bool = False) -> Iterator[Collector]:
    collector = Collector(status=status, hangs=hangs)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.asked += 1
            if collector.hangs:
                collector.over.wait(30)
                return
            if collector.status == 200:
                collector.headers.append({name.lower(): value for name, value in self.headers.items()})
                collector.requests.append(ExportTraceServiceRequest.FromString(_plain(self, body)))
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield collector
    collector.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _plain(request: BaseHTTPRequestHandler, body: bytes) -> bytes:
    return gzip.decompress(body) if request.headers["content-encoding"] == "gzip" else body

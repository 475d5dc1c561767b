"""Two servers, two workers and what they depend on, each of which can be broken."""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import psutil

from photostore_adapters.s3.settings import S3Settings
from tests.e2e.behind import Behind, behind, bucket_environment
from tests.e2e.databases import SteadyPostgres, strong_secret
from tests.e2e.faulty_proxy import Fault, FaultyProxy
from tests.e2e.loops import LoopThread
from tests.e2e.ports import free_port
from tests.e2e.round_robin import RoundRobin
from tests.e2e.servers import ServerProcess
from tests.e2e.workers import WorkerProcess
from tests.fixtures.redis import OwnRedis, own_redis
from tests.fixtures.s3 import own_bucket

GRACE_SECONDS = 120
GIVEN = {
    "LOG__FORMAT": "json",
    "JOBS__IN_SERVER": "false",
    "JOBS__SWEEP_SCHEDULE": "* * * * *",
    "JOBS__SWEEP_GRACE_SECONDS": str(GRACE_SECONDS),
    "JWT__ACCESS_TOKEN_EXPIRE_MINUTES": "5",
    "DATABASE__STATEMENT_TIMEOUT_SECONDS": "10",
    "DECODING__PROCESSES": "1",
    "S3__STALL_SECONDS": "5",
    "RATE_LIMITS__SIGN_INS_PER_ADDRESS": "100000",
    "RATE_LIMITS__GUEST_WRITES": "100000",
    "WEBHOOKS__ALLOW_HTTP": "true",
    "WEBHOOKS__ALLOWED_ADDRESSES": "127.0.0.1",
    "SERVER__SHUTDOWN_SECONDS": "5",
}
_STORE_FAULTS = (
    Fault.CUT_REQUEST,
    Fault.CUT_ANSWER,
    Fault.LOSE_ANSWER,
    Fault.ANSWER_500,
    Fault.ANSWER_503,
    Fault.HANG,
    Fault.SLOW,
)


@dataclass(slots=True)
class Place:
    """`names` of what can be killed are those of `processes`."""

    url: str
    environment: dict[str, str]
    folder: Path
    servers: list[ServerProcess]
    workers: list[WorkerProcess]
    postgres: SteadyPostgres
    redis: OwnRedis
    store: FaultyProxy
    balancer: RoundRobin
    behind: Behind
    network: LoopThread
    restarts: dict[str, float] = field(default_factory=dict)

    def processes(self) -> dict[str, psutil.Process]:
        """Of photostore, by name, as far as they run."""
        found = {}
        several: dict[str, Sequence[ServerProcess | WorkerProcess]] = {"api": self.servers, "worker": self.workers}
        for kind, each_kind in several.items():
            for number, each in enumerate(each_kind, 1):
                try:
                    found[f"{kind}-{number}"] = each.process
                except (psutil.NoSuchProcess, AssertionError):
                    continue
        return found

    def kill_server(self, number: int) -> None:
        self.servers[number].kill()
        self.servers[number].start()
        self.restarts[f"api-{number + 1}"] = time.monotonic()

    def stop_server(self, number: int) -> None:
        code = self.servers[number].stop()
        if code:
            raise AssertionError(f"a server that was told to stop ended with {code}")
        self.servers[number].start()
        self.restarts[f"api-{number + 1}"] = time.monotonic()

    def kill_worker(self, number: int) -> None:
        self.workers[number].restart()
        self.restarts[f"worker-{number + 1}"] = time.monotonic()

    def stop_worker(self, number: int) -> None:
        code = self.workers[number].stop()
        if code:
            raise AssertionError(f"a worker that was told to stop ended with {code}")
        self.workers[number].start()
        self.restarts[f"worker-{number + 1}"] = time.monotonic()

    def crash_postgres(self) -> None:
        self.postgres.kill()
        self.postgres.start()

    def restart_postgres(self) -> None:
        self.postgres.stop()
        self.postgres.start()

    def kill_redis(self, seconds: float) -> None:
        self.redis.kill()
        time.sleep(seconds)
        self.redis.start()

    def pause_redis(self, seconds: float) -> None:
        assert self.redis.process is not None
        self.redis.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.redis.process.send_signal(signal.SIGCONT)

    def lose_store(self, seconds: float, random: Random, share: float) -> None:
        self.network.run(self.store.refuse())
        time.sleep(seconds)
        self.network.run(self.store.mend())
        self.break_store(random, share)

    def break_store(self, random: Random, share: float) -> None:
        """So much of what it is asked fails, in each of the ways."""

        def chosen(_method: str, _target: str) -> bool:
            self.store.fault = random.choice(_STORE_FAULTS)
            return random.random() < share

        self.store.break_(Fault.SLOW, chosen)

    def mend_store(self) -> None:
        self.network.run(self.store.mend())


@contextmanager
def a_place(folder: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        network = stack.enter_context(LoopThread())
        bucket = stack.enter_context(own_bucket())
        redis = stack.enter_context(own_redis())
        postgres = stack.enter_context(SteadyPostgres(folder / "postgres"))
        store = _proxy(bucket, network)
        ports = [free_port(), free_port()]
        balancer = RoundRobin(network, ports)
        balancer.start()
        stack.callback(balancer.stop)
        stack.callback(lambda: network.run(store.refuse()))
        given = {
            **GIVEN,
            **bucket_environment(bucket),
            "S3__ENDPOINT_URL": store.url,
            "DATABASE_URL": postgres.url,
            "REDIS__URL": redis.url,
            "JWT__SECRET_KEY": strong_secret(),
            "PUBLIC_URL": balancer.url,
        }
        servers = [
            ServerProcess(_made(folder / f"api-{n}"), given, port=p, really=True) for n, p in enumerate(ports, 1)
        ]
        workers = [WorkerProcess(_made(folder / f"worker-{n}"), given, really=True) for n in (1, 2)]
        for server in servers:
            stack.enter_context(server)
        for worker in workers:
            stack.enter_context(worker)
        looking = behind(servers[0], S3__ENDPOINT_URL=bucket.endpoint)
        yield Place(
            url=balancer.url,
            environment=given,
            folder=folder,
            servers=servers,
            workers=workers,
            postgres=postgres,
            redis=redis,
            store=store,
            balancer=balancer,
            behind=looking,
            network=network,
        )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _proxy(bucket: S3Settings, network: LoopThread) -> FaultyProxy:
    store = urlsplit(bucket.endpoint)
    assert store.hostname is not None
    proxy = FaultyProxy(store.hostname, store.port or 80, free_port())
    network.run(proxy.mend())
    return proxy

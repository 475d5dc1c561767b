"""Where `TEST_SHAPE` is `cluster`, what tests call a server is two of them behind a balancer, and two workers beside them.

`cluster+redis` adds a Redis. What a test leaves to the embedded default, a cluster is given: a Postgres over TCP, a folder
that all share, and one secret. Tests that start workers of their own (`JOBS__IN_SERVER=false`) get no others.
"""

import atexit
import os
import secrets
import signal
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import psutil

from tests.e2e.databases import SteadyPostgres, strong_secret
from tests.e2e.loops import LoopThread
from tests.e2e.ports import free_port
from tests.e2e.round_robin import RoundRobin
from tests.e2e.servers import ServerProcess
from tests.e2e.workers import WorkerProcess
from tests.fixtures.redis import own_redis

SERVERS, WORKERS = 2, 2


class Cluster(ServerProcess):
    """Servers and workers that are started, stopped and killed together, and found at one address."""

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, str] | None = None,
        *,
        port: int | None = None,
        really: bool = False,
    ) -> None:
        super().__init__(folder, variables, port=port, really=really)
        given = dict(variables or {})
        self._postgres = None if "DATABASE_URL" in given else SteadyPostgres(folder / "postgres" / "data")
        self._balancer = RoundRobin(_network(), ports := [free_port() for _ in range(SERVERS)], port=self.port)
        own_workers = given.get("JOBS__IN_SERVER") != "false"
        given = {
            "STORAGE__FOLDER": str(self.data_dir / "blobs"),
            "JWT__SECRET_KEY": strong_secret(),
            "PUBLIC_URL": self.url,
            "DECODING__PROCESSES": "1",
            **_shared_redis(),
            **given,
            "JOBS__IN_SERVER": "false",
        }
        self.environment |= given
        self._servers = [ServerProcess(folder, given, port=each, single=True) for each in ports]
        told_at = [free_port() for _ in range(WORKERS if own_workers else 0)]
        self._workers = [
            WorkerProcess(folder, given | {"WORKER__PORT": str(each)}, name=f"{self.port}-worker-{number}")
            for number, each in enumerate(told_at)
        ]
        self._counted_at = [f"http://127.0.0.1:{each}" for each in (*ports, *told_at)]

    @property
    def process(self) -> psutil.Process:
        return self._servers[0].process

    @property
    def counted_at(self) -> list[str]:
        return self._counted_at

    @property
    def log(self) -> str:
        return "".join(each.log for each in self._all())

    def family(self) -> list[psutil.Process]:
        found = [process for server in self._servers for process in server.family()]
        for worker in self._workers:
            found += [worker.process, *worker.process.children(recursive=True)]
        return found

    def start(self) -> None:
        self._start_postgres()
        try:
            for server in self._servers:
                server.start()
                self.running.remove(server)
            for worker in self._workers:
                worker.start()
            self._balancer.start()
        except BaseException:
            self._give_up()
            raise
        self.running.append(self)

    def signal(self, number: signal.Signals) -> None:
        for each in self._all():
            each.signal(number)

    def wait(self, *, within: float = 20) -> int:
        codes = [each.wait(within=within) for each in self._all()]
        self._end()
        return max(codes, key=abs)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        self._give_up()
        if self._postgres is not None:
            self._postgres.kill()
        self._end()

    def _give_up(self) -> None:
        for each in self._all():
            each.kill()

    def _all(self) -> list[ServerProcess | WorkerProcess]:
        return [*self._servers, *self._workers]

    def _end(self) -> None:
        self._balancer.stop()
        if self in self.running:
            self.running.remove(self)
        if self._postgres is not None:
            self._postgres.stop()

    def _start_postgres(self) -> None:
        if self._postgres is None:
            return
        self._postgres.start()
        for each in [self, *self._all()]:
            each.environment["DATABASE_URL"] = self._postgres.url


@cache
def _network() -> LoopThread:
    """The balancers', as long as the tests run."""
    network = LoopThread()
    network.__enter__()
    return network


def _shared_redis() -> dict[str, str]:
    if not os.environ["TEST_SHAPE"].endswith("+redis"):
        return {}
    of_its_own = secrets.token_hex(4)
    return {"REDIS__URL": _redis_url(), "REDIS__CHANNEL": of_its_own, "REDIS__KEY_PREFIX": f"{of_its_own}:"}


@cache
def _redis_url() -> str:
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(own_redis()).url

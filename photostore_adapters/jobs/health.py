"""How a worker is."""

from photostore.shared.health import HealthCheck
from photostore_adapters.jobs.worker import Worker


class WorkerCheck(HealthCheck):
    """Whether this process takes jobs: not before it has reached the queue, while the queue is away, or once it is to stop."""

    name = "worker"

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    async def check(self) -> None:
        if not self._worker.takes_jobs:
            raise RuntimeError("the worker takes no jobs")

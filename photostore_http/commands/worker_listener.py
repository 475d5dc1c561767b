"""Where a worker tells how it is, where `WORKER__PORT` is set."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from dishka import AsyncContainer

from photostore.shared.health import HealthCheck
from photostore_adapters.jobs.health import WorkerCheck
from photostore_adapters.jobs.worker import Worker
from photostore_adapters.launch import Settings
from photostore_adapters.observability.snapshot import Snapshot
from photostore_http.commands.sockets import listen_on
from photostore_http.lifetime import tell_failure


@asynccontextmanager
async def worker_listener(settings: Settings, container: AsyncContainer, worker: Worker) -> AsyncIterator[None]:
    """Answer until the block ends: `/healthz` asks what the server's asks, and whether `worker` takes jobs."""
    if settings.worker.port is None:
        yield
        return
    from photostore_http.operations import ReadinessProbe
    from photostore_http.operations_app import OperationsServer, operations_app

    listening = listen_on(settings.worker.host, settings.worker.port, keys=("WORKER__PORT", "WORKER__HOST"))
    checks: Sequence[HealthCheck] = await container.get(Sequence[HealthCheck])
    probe = ReadinessProbe([*checks, WorkerCheck(worker)])
    server = OperationsServer(operations_app(probe, await container.get(Snapshot)))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    serving.add_done_callback(tell_failure)
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([serving])

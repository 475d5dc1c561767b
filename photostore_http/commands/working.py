"""`photostore worker`."""

import asyncio

import uvloop

from photostore_adapters.database import database, migrated
from photostore_adapters.launch import LaunchRefused, Settings, settings_in_force
from photostore_http.commands.loading import loading
from photostore_http.commands.telling import told_readably
from photostore_http.lifetime import Stopping, finish, tell_failure


def work() -> None:
    with told_readably():
        settings = settings_in_force()
        if settings.embedded_database:
            raise LaunchRefused("A worker of its own needs DATABASE_URL; the embedded one is part of `serve`.")
        with database(settings, beside=True) as url:
            uvloop.run(_work(settings, url))


async def _work(settings: Settings, url: str) -> None:
    """Do jobs until SIGINT or SIGTERM."""
    await migrated(settings, url)
    with loading():
        from photostore_adapters.observability.work_spans import WorkSpans
        from photostore_adapters.wiring import accompany, make_container, make_worker, prove_decoders, traced
        from photostore_http.commands.worker_listener import worker_listener
        from photostore_http.webhook_payloads import PayloadsProvider

    container = make_container(settings, url, PayloadsProvider(), *traced(settings))
    try:
        worker = make_worker(container, settings, url, await container.get(WorkSpans))
        await accompany(container, settings)
        async with worker_listener(settings, container, worker):
            stopping = Stopping(settings.server.shutdown_seconds)
            working = asyncio.create_task(worker.run())
            working.add_done_callback(tell_failure)
            working.add_done_callback(lambda _: stopping.soon.set())
            proving = asyncio.create_task(prove_decoders(container))
            proving.add_done_callback(tell_failure)
            await stopping.soon.wait()
            worker.stop()
            await finish(worker, working, settings.server.shutdown_seconds, stopping)
    finally:
        await container.close()

"""What a worker tells whoever runs it, on a port of its own."""

import asyncio
import shutil
import socket
import subprocess
from pathlib import Path

import httpx2
import pytest

from photostore_adapters.launch import LaunchRefused, Settings
from photostore_adapters.settings import load_settings
from photostore_adapters.wiring import make_container, make_worker
from photostore_http.commands.worker_listener import worker_listener
from photostore_http.protocol import MAX_HEAD_BYTES
from photostore_http.webhook_payloads import PayloadsProvider
from tests.callers import caller
from tests.e2e.databases import strong_secret
from tests.e2e.ports import free_port
from tests.waiting import eventually


def settings_with(port: int, database_url: str, folder: Path) -> Settings:
    environment = {
        "DATABASE_URL": database_url,
        "JWT__SECRET_KEY": strong_secret(),
        "DATA_DIR": str(folder),
        "WORKER__PORT": str(port),
    }
    return load_settings(environment)


async def test_it_is_ready_while_it_takes_jobs_and_tells_its_metrics(database_url: str, tmp_path: Path) -> None:
    settings = settings_with(free_port(), database_url, tmp_path)
    container = make_container(settings, database_url, PayloadsProvider())
    worker = make_worker(container, settings, database_url)

    async with caller(f"http://127.0.0.1:{settings.worker.port}") as http:

        async def readiness() -> httpx2.Response:
            return await http.get("/healthz")

        async def is_ready() -> bool:
            return (await readiness()).status_code == 200

        async with worker_listener(settings, container, worker):
            before = await readiness()
            working = asyncio.create_task(worker.run())
            await eventually(is_ready)
            alive, ready, metrics = await http.get("/health"), await readiness(), await http.get("/metrics")
            worker.stop()
            stopping = await readiness()
            await working
        await container.close()

    services = {name: each["status"] for name, each in ready.json()["services"].items()}
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert services == {"database": "ok", "storage": "ok", "jobs": "ok", "worker": "ok"}
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE photostore_job_duration_seconds histogram" in metrics.text
    assert "\nphotostore_library_photos 0.0" in metrics.text
    assert 'photostore_database_pool_size{pool="reads"} 10.0' in metrics.text
    for answer in (before, stopping):
        assert (answer.status_code, answer.json()["services"]["worker"]["status"]) == (503, "unavailable")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool on the PATH")
async def test_prometheus_takes_the_metrics(database_url: str, tmp_path: Path) -> None:
    settings = settings_with(free_port(), database_url, tmp_path)
    container = make_container(settings, database_url, PayloadsProvider())
    worker = make_worker(container, settings, database_url)

    async with (
        worker_listener(settings, container, worker),
        caller(f"http://127.0.0.1:{settings.worker.port}") as http,
    ):
        metrics = await http.get("/metrics")
    await container.close()

    told = await asyncio.to_thread(_checked, metrics.content)
    assert (told.returncode, told.stdout, told.stderr) == (0, b"", b"")


def _checked(metrics: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, check=False)


async def test_a_port_that_is_taken_is_told_with_the_settings_that_change_it(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = settings_with(taken.getsockname()[1], database_url, tmp_path)
        container = make_container(settings, database_url, PayloadsProvider())
        worker = make_worker(container, settings, database_url)

        with pytest.raises(LaunchRefused, match=r"address already in use.* WORKER__PORT=.* WORKER__HOST="):
            async with worker_listener(settings, container, worker):
                pass
        await container.close()


async def test_heads_of_requests_are_as_bounded_as_the_servers(database_url: str, tmp_path: Path) -> None:
    settings = settings_with(free_port(), database_url, tmp_path)
    container = make_container(settings, database_url, PayloadsProvider())
    worker = make_worker(container, settings, database_url)

    async with (
        worker_listener(settings, container, worker),
        caller(f"http://127.0.0.1:{settings.worker.port}") as http,
    ):
        refused = await http.get("/health", headers={"X-Long": "a" * MAX_HEAD_BYTES})
        taken = await http.get("/health", headers={"X-Long": "a" * (MAX_HEAD_BYTES // 2)})
    await container.close()

    assert (refused.status_code, taken.status_code) == (431, 200)

"""A command loads what it needs: what others need would make it wait."""

import subprocess
import sys

import pytest

THE_SERVICE = {"litestar", "uvicorn", "sqlalchemy", "dishka", "pgqueuer"}
SOME_INSTALLATIONS = {"aioboto3", "aiohttp", "botocore", "authlib", "redis", "opentelemetry"}


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("photostore_http.cli", {"photostore", "photostore_adapters", "asyncio"} | THE_SERVICE | SOME_INSTALLATIONS),
        ("photostore_http.commands.settings", THE_SERVICE | SOME_INSTALLATIONS),
        ("photostore_http.commands.examining", THE_SERVICE | SOME_INSTALLATIONS),
        ("photostore_http.commands.migrating", {"litestar", "uvicorn", "dishka", "pgqueuer"} | SOME_INSTALLATIONS),
        # The client of Redis loads OpenTelemetry by itself, where that is installed.
        ("photostore_http.commands.listening", THE_SERVICE | (SOME_INSTALLATIONS - {"redis", "opentelemetry"})),
        ("photostore_http.main", SOME_INSTALLATIONS),
        ("photostore_adapters.wiring", SOME_INSTALLATIONS),
    ],
)
def test_it_is_loaded_without_what_it_does_not_need(module: str, unneeded: set[str]) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()

    assert unneeded.isdisjoint(loaded), sorted(unneeded & set(loaded))

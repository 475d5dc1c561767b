"""What the doctor finds of the collector."""

import socket

import pytest

from photostore_adapters.examining.finding import State
from photostore_adapters.examining.tracing import SPAN, examine_tracing
from photostore_adapters.observability.tracing.settings import TracingSettings
from tests.adapters.examining import found_by, wrong
from tests.adapters.tracing.collector import collecting


def settings_of(endpoint: str) -> TracingSettings:
    return TracingSettings(endpoint=endpoint, resource={"service.name": "tests"}, headers={"x-api-key": "key"})


async def test_a_collector_that_takes_traces_has_one_that_can_be_looked_for() -> None:
    with collecting() as collector:
        found = await found_by(examine_tracing(settings_of(collector.endpoint)))

    assert wrong(found) == {}
    assert [span.name for span in collector.spans] == [SPAN]
    assert collector.headers[0]["x-api-key"] == "key"


@pytest.mark.parametrize(
    ("status", "fix"), [(401, "TRACING__HEADERS"), (403, "TRACING__HEADERS"), (404, "path"), (415, "4318")]
)
async def test_one_that_refuses_says_what_to_mend(status: int, fix: str) -> None:
    with collecting(status=status) as collector:
        found = await found_by(examine_tracing(settings_of(collector.endpoint)))

    assert wrong(found) == {"collector": State.FAILED}
    assert fix in str(found["collector"].fix)
    assert str(status) in found["collector"].told


async def test_one_that_is_away_is_told_of() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    found = await found_by(examine_tracing(settings_of(f"http://127.0.0.1:{port}")))

    assert wrong(found) == {"collector": State.FAILED}

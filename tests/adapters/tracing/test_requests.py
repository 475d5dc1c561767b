"""The span of a request: whose trace it belongs to, what is kept of it, and what the log tells of it."""

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import msgspec
import pytest
import structlog
from opentelemetry.trace import StatusCode

from photostore_adapters.observability.logging import configure_logging
from photostore_adapters.observability.tracing.settings import Incoming
from tests.adapters.tracing.traced import Traced

THEIRS = "0af7651916cd43dd8448eb211c80319c"
KEPT, NOT_KEPT = f"00-{THEIRS}-b7ad6b7169203331-01", f"00-{THEIRS}-b7ad6b7169203331-00"


def trace_ids(traced: Traced) -> set[str]:
    return {f"{span.context.trace_id:032x}" for span in traced.spans if span.context is not None}


def test_a_trace_that_is_continued_is_theirs() -> None:
    traced = Traced(Incoming.CONTINUE, ratio=0)

    traced.answer(traceparent=KEPT)

    assert [span.name for span in traced.spans] == ["asked", "GET /a/{id}"]
    assert trace_ids(traced) == {THEIRS}


def test_one_that_its_client_does_not_keep_is_not_kept() -> None:
    traced = Traced(Incoming.CONTINUE)

    traced.answer(traceparent=NOT_KEPT)

    assert traced.spans == []


@pytest.mark.parametrize(("incoming", "linked"), [(Incoming.LINK, [THEIRS]), (Incoming.IGNORE, [])])
def test_nobody_from_outside_decides_what_is_kept(incoming: Incoming, linked: list[str]) -> None:
    kept, not_kept = Traced(incoming), Traced(incoming, ratio=0)

    kept.answer(traceparent=NOT_KEPT)
    not_kept.answer(traceparent=KEPT)

    assert [f"{link.context.trace_id:032x}" for link in kept.spans[-1].links] == linked
    assert THEIRS not in trace_ids(kept)
    assert not_kept.spans == []


@pytest.mark.parametrize("wrong", ["", "00-0-0-01", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "x" * 9000, "\xff"])
def test_what_is_no_traceparent_is_passed_over(wrong: str) -> None:
    traced = Traced(Incoming.CONTINUE)

    traced.answer(traceparent=wrong)

    assert [span.parent for span in traced.spans if span.name != "asked"] == [None]


def test_a_fault_is_one_and_a_refusal_is_none() -> None:
    traced = Traced()

    traced.answer(status=404, problem="not-found")
    traced.answer(status=503, problem="blob-store-unavailable")

    refused, failed = [span for span in traced.spans if span.name != "asked"]
    assert (refused.status.status_code, failed.status.status_code) == (StatusCode.UNSET, StatusCode.ERROR)
    assert failed.attributes is not None
    assert failed.attributes["error.type"] == "blob-store-unavailable"


def test_what_goes_wrong_in_a_span_is_told_by_its_kind_alone() -> None:
    traced = Traced()
    current = traced.requests.begin({"scheme": "http", "headers": []}, "GET")

    with pytest.raises(ValueError, match="of Ada"), traced.leaves.leaf("asked", {}):
        raise ValueError("the e-mail of Ada")
    with pytest.raises(KeyError), traced.leaves.leaf("looked", {}, fine=(KeyError,)):
        raise KeyError

    traced.requests.end(current, method="GET", route=None, status=200, problem=None)
    asked, looked, _ = traced.spans
    assert asked.attributes == {"error.type": "ValueError"}
    assert (asked.status.status_code, asked.status.description, asked.events) == (StatusCode.ERROR, None, ())
    assert looked.status.status_code is StatusCode.UNSET


def test_a_job_is_part_of_the_trace_that_enqueued_it_also_when_that_is_not_kept() -> None:
    kept, not_kept = Traced(), Traced(ratio=0)

    for traced in (kept, not_kept):
        current = traced.requests.begin({"scheme": "http", "headers": []}, "POST")
        carried = traced.work.carried()
        traced.requests.end(current, method="POST", route="/a", status=201, problem=None)
        with traced.work.job("decode_photo", job_id="1", carried=carried):
            pass
    with kept.work.job("prune", job_id="2", carried=None):
        pass

    request, decode, prune = kept.spans
    assert request.context is not None
    assert decode.parent is not None
    assert (decode.parent.trace_id, decode.parent.span_id) == (request.context.trace_id, request.context.span_id)
    assert prune.parent is None
    assert not_kept.spans == []


def test_outside_of_any_trace_nothing_is_carried_and_nothing_is_a_span() -> None:
    traced = Traced()

    with traced.leaves.leaf("asked", {}):
        carried = traced.work.carried()

    assert carried is None
    assert traced.spans == []


@pytest.fixture
def out() -> Iterator[StringIO]:
    root, stream = logging.getLogger(), StringIO()
    handlers, level = root.handlers, root.level
    configure_logging("info", "json", stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_lines_of_the_log_name_trace_and_span(out: StringIO) -> None:
    traced = Traced()

    traced.answer()
    structlog.get_logger("tests").info("afterwards")

    within, afterwards = [msgspec.json.decode(line, type=dict[str, Any]) for line in out.getvalue().splitlines()]
    request = traced.spans[-1].context
    assert request is not None
    assert (within["trace_id"], within["span_id"]) == (f"{request.trace_id:032x}", f"{request.span_id:016x}")
    assert "trace_id" not in afterwards

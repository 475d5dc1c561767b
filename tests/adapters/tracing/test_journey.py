"""What a collector is told of a photo's way through everything: uploaded, decoded, shared, and asked for wrongly."""

import pytest

from tests.adapters.tracing.collector import Told
from tests.adapters.tracing.journey import PLANTED, THEIRS, Journey, travelled
from tests.fixtures.postgres import CreateDatabase


@pytest.fixture(scope="module")
async def journey(create_database: CreateDatabase, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    return await travelled(tmp_path_factory.mktemp("traced"), await create_database())


def parents(journey: Journey, told: Told) -> list[str]:
    """The names of those above it, the nearest first."""
    above = {each.span.span_id: each for each in journey.collector.spans}.get(told.span.parent_span_id)
    return [] if above is None else [above.name, *parents(journey, above)]


@pytest.mark.parametrize("door", ["POST /api/v1/photos", "POST /api/v1/uploads/{upload_id}/complete"])
def test_an_upload_and_what_its_job_does_are_one_trace(journey: Journey, door: str) -> None:
    request = journey.collector.the(door)

    trace = journey.collector.trace_of(request)

    told = {each.name: parents(journey, each) for each in trace}
    job = ["process decode_photo", door]
    assert told[door] == []
    assert told["INSERT photos"] == [door]
    assert told["process decode_photo"] == [door]
    assert told["INSERT photo_fingerprints"] == told["decode picture"] == told["blob get"] == job
    assert not [each for each in trace if each.failed]


def test_spans_tell_what_the_conventions_ask_for(journey: Journey) -> None:
    request = journey.collector.the("POST /api/v1/photos")

    trace = {each.name: each for each in journey.collector.trace_of(request)}

    statement, put, job = trace["INSERT uploads"], trace["blob put"], trace["process decode_photo"]
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/v1/photos",
        "http.response.status_code": 201,
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": 8000,
    }
    assert request.span.kind == request.span.SPAN_KIND_SERVER
    assert statement.attributes["db.system.name"] == "postgresql"
    assert "$1" in str(statement.attributes["db.query.text"])
    assert put.attributes.keys() == {"photostore.store", "photostore.blob.bytes"}
    assert job.attributes["messaging.destination.name"] == "decode_photo"
    assert job.span.kind == job.span.SPAN_KIND_CONSUMER


def test_nothing_that_anybody_sent_and_no_secret_is_told(journey: Journey) -> None:
    sent = b"".join(request.SerializeToString() for request in journey.collector.requests)

    found = [secret for secret in {PLANTED, *journey.secrets} if secret.encode().lower() in sent.lower()]

    assert len(journey.collector.spans) > 100
    assert found == []


def test_the_trace_of_a_client_is_linked_to_and_not_continued(journey: Journey) -> None:
    request = journey.collector.the("POST /api/v1/photos")

    assert [link.trace_id.hex() for link in request.span.links] == [THEIRS]
    assert request.span.trace_id.hex() != THEIRS


def test_a_delivery_to_a_webhook_is_a_trace_that_its_endpoint_is_not_told_of(journey: Journey) -> None:
    delivery = next(each for each in journey.collector.spans if each.name == "POST")

    assert parents(journey, delivery) == ["deliver to a webhook"]
    assert delivery.attributes == {"http.request.method": "POST", "http.response.status_code": 200}
    assert journey.hooked
    assert not [head for head, _ in journey.hooked if "traceparent" in head.lower()]


def test_paths_without_a_route_and_methods_of_their_own_are_not_told(journey: Journey) -> None:
    lost = {each.name: each.attributes for each in journey.collector.spans if "http.route" not in each.attributes}

    assert lost["GET"]["http.response.status_code"] == 404
    assert lost["_OTHER"]["http.request.method"] == "_OTHER"


def test_what_asks_how_the_service_is_makes_no_trace(journey: Journey) -> None:
    assert not [each for each in journey.collector.spans if "health" in each.name]


def test_the_collector_is_told_who_speaks_and_given_its_key(journey: Journey) -> None:
    resource = journey.collector.resource

    assert resource["service.name"] == "photostore"
    assert {"service.version", "service.instance.id", "host.name"} <= set(resource)
    assert journey.collector.headers[0]["x-api-key"] == f"{PLANTED}-collector-key"

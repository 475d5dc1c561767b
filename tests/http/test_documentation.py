"""The OpenAPI document."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.http.world import World

Node = dict[str, Any]


@pytest.fixture
async def document(http: httpx.AsyncClient) -> Node:
    document: Node = (await http.get("/openapi.json")).json()
    return document


def operations(document: Node) -> Iterator[tuple[str, Node]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def resolved(document: Node, ref: str) -> Any:
    found: Any = document
    for name in ref.removeprefix("#/").split("/"):
        found = found[name]
    return found


def validator(document: Node, schema: Node) -> Any:
    return jsonschema_rs.validator_for({**schema, "components": document["components"]}, validate_formats=True)


def test_it_is_openapi_3_1_with_all_that_introduces_it(document: Node) -> None:
    assert document["openapi"].startswith("3.1.")
    assert (document["info"]["title"], document["info"]["version"]) == ("photostore", "1.2.3")
    assert document["info"]["license"] == {"name": "Apache 2.0", "identifier": "Apache-2.0"}
    assert "Bearer" in document["info"]["description"]
    assert document["servers"]
    assert document["security"] == [{"bearer": []}]
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert {tag for _, operation in operations(document) for tag in operation["tags"]} == described


def test_every_call_says_what_it_does(document: Node) -> None:
    for name, operation in operations(document):
        assert operation["operationId"], name
        assert operation["summary"], name
        assert operation["description"], name
        for parameter in operation.get("parameters", []):
            told = resolved(document, parameter["$ref"]) if "$ref" in parameter else parameter
            assert told["description"], (name, told["name"])


def test_every_answer_has_its_id_and_every_refusal_is_a_problem(document: Node) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            assert "X-Request-Id" in response["headers"], (name, status)
            assert response["description"], (name, status)
            if status.startswith(("4", "5")) and (name, status) != ("GET /healthz", "503"):
                assert set(response["content"]) == {"application/problem+json"}, (name, status)
                assert response["content"]["application/problem+json"]["examples"], (name, status)
            if status in ("429", "503"):
                assert "Retry-After" in response["headers"], (name, status)


def test_bytes_in_parts_and_what_was_there_before_are_told_with_all_their_headers(document: Node) -> None:
    for name, operation in operations(document):
        answers = operation["responses"]
        for status in {"200", "206"} & set(answers) if "206" in answers else ():
            assert {"Accept-Ranges", "Content-Disposition"} <= set(answers[status]["headers"]), (name, status)
        if {"200", "201"} <= set(answers) and "Location" in answers["201"]["headers"]:
            assert "Location" in answers["200"]["headers"], name


def test_the_way_back_from_the_provider_names_its_query(document: Node) -> None:
    operation = document["paths"]["/api/v1/auth/callback"]["get"]

    assert [each["name"] for each in operation["parameters"]] == ["code", "state", "error", "iss"]


def test_one_of_many_uploads_is_told_as_one_alone_is(document: Node) -> None:
    asked = document["components"]["schemas"]["StartUploadsRequest"]["properties"]["uploads"]

    assert asked["items"] == {"$ref": "#/components/schemas/StartUploadRequest"}


def test_a_stream_tells_what_its_events_hold(document: Node) -> None:
    operation = document["paths"]["/api/v1/events"]["get"]
    [(media_type, stream)] = operation["responses"]["200"]["content"].items()
    item = document["components"]["schemas"]["Changes"]["properties"]["items"]["items"]

    assert media_type == "text/event-stream"
    assert stream["x-itemSchema"]["properties"]["data"]["contentSchema"] == item
    assert {each.get("name") for each in operation["parameters"]} == {"cursor", "Last-Event-ID"}
    assert {"400", "401", "403", "410", "429", "503"} <= set(operation["responses"])
    [example] = stream["examples"].values()
    data = re.search("^data: (.*)$", example["value"], re.MULTILINE)
    assert data
    validator(document, item).validate(json.loads(data[1]))


async def test_every_documented_problem_is_one_that_can_be_looked_up(world: World, document: Node) -> None:
    listed = {each["type"]: each["status"] for each in (await world.http.get("/problems")).json()}
    told = {
        (node["value"]["type"], node["value"]["status"])
        for node in nodes(document)
        if isinstance(node.get("value"), dict) and "request_id" in node["value"]
    }

    # The database's own is known where the database is: in the service itself.
    assert {problem for problem in told if listed.get(problem[0]) != problem[1]} <= {
        ("/problems/database-unavailable", 503)
    }


def test_every_reference_leads_somewhere(document: Node) -> None:
    for node in nodes(document):
        if "$ref" in node:
            assert resolved(document, node["$ref"])


def test_every_example_is_as_its_schema_says(document: Node) -> None:
    # To compile a schema takes longer than a thousand examples do, and most are the same: that of problems.
    examples: dict[str, list[Any]] = defaultdict(list)
    for name, schema in document["components"]["schemas"].items():
        examples[json.dumps({"$ref": f"#/components/schemas/{name}"})] += schema.get("examples", [])
    for node in nodes(document["paths"]):
        for example in node.get("examples", {}).values() if "schema" in node and isinstance(node, dict) else ():
            examples[json.dumps(node["schema"])].append(example["value"])

    for schema, values in examples.items():
        held = validator(document, json.loads(schema))
        for value in values:
            held.validate(value)


def test_every_request_and_every_answer_has_an_example(document: Node) -> None:
    for name, operation in operations(document):
        for holder in (operation.get("requestBody", {}), operation["responses"].get("200", {})):
            schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
            if "$ref" in schema:
                assert resolved(document, schema["$ref"]).get("examples"), (name, schema)


def test_answers_hold_every_field_and_requests_no_unknown_one(document: Node) -> None:
    schemas = document["components"]["schemas"]

    assert set(schemas["Photo"]["required"]) == set(schemas["Photo"]["properties"])
    assert set(schemas["TokenResponse"]["required"]) == {"access_token", "token_type", "expires_in", "refresh_token"}
    for name, schema in schemas.items():
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False
    assert schemas["RegisterRequest"]["required"] == ["email", "password"]
    assert "required" not in schemas["EditPhotoRequest"]


def test_an_upload_is_documented_as_the_form_that_it_is(document: Node) -> None:
    body = document["paths"]["/api/v1/photos"]["post"]["requestBody"]

    form = body["content"]["multipart/form-data"]["schema"]
    said = {"title", "description", "hashtags", "keywords_as_hashtags", "album_id", "sha256"}
    assert set(form["properties"]) == {"file", *said}
    assert form["properties"]["file"]["format"] == "binary"
    assert form["properties"]["keywords_as_hashtags"]["type"] == "boolean"
    assert form["required"] == ["file"]


def test_bytes_are_documented_as_bytes(document: Node) -> None:
    responses = document["paths"]["/api/v1/photos/{photo_id}/file"]["get"]["responses"]

    assert {"200", "206", "304", "416"} <= set(responses)
    assert set(responses["200"]["content"]) == {"image/*"}
    assert {"ETag", "Content-Range"} <= set(responses["206"]["headers"])


def test_every_text_number_and_list_has_its_bounds(document: Node) -> None:
    for node in nodes(document):
        kinds = node.get("type", ())
        kinds = {kinds} if isinstance(kinds, str) else set(kinds)
        if "string" in kinds:
            assert {"maxLength", "enum", "const"} & set(node), node
        if "integer" in kinds:
            assert {"minimum", "exclusiveMinimum"} & set(node), node
            assert {"maximum", "exclusiveMaximum"} & set(node), node
            assert node["format"] in ("int32", "int64"), node
        if "array" in kinds:
            assert "maxItems" in node, node


def test_what_the_service_checks_is_told(document: Node) -> None:
    schemas = document["components"]["schemas"]
    edit, key = schemas["EditPhotoRequest"]["properties"], schemas["CreateApiKeyRequest"]["properties"]

    assert edit["title"]["oneOf"][0]["maxLength"] == 500
    assert edit["description"]["oneOf"][0]["maxLength"] == 10_000
    assert edit["hashtags"]["oneOf"][0]["maxItems"] == 100
    assert schemas["EditAlbumRequest"]["properties"]["description"]["oneOf"][0]["maxLength"] == 5000
    assert schemas["RegisterRequest"]["properties"]["password"] | {"examples": []} == {
        "type": "string",
        "description": "8 to 1024 characters.",
        "examples": [],
        "maxLength": 1024,
        "minLength": 8,
    }
    assert "photos:read" in key["scopes"]["items"]["enum"]


@pytest.mark.parametrize(
    ("name", "refused", "taken"),
    [
        ("CreateApiKeyRequest", {"name": "", "scopes": ["photos:read"]}, {"name": "a", "scopes": ["photos:read"]}),
        ("CreateApiKeyRequest", {"name": "a", "scopes": []}, {"name": "a", "scopes": ["photos:read"]}),
        ("CreateAlbumRequest", {"name": ""}, {"name": "a"}),
        ("CreateShareLinkRequest", {"photo_ids": []}, {"name": "a"}),
        ("CreateShareLinkRequest", {"password": "abc"}, {"password": "abcd"}),
        ("EditUserRequest", {"display_name": ""}, {"display_name": "a"}),
        ("EditPhotoRequest", {"hashtags": [""]}, {"hashtags": ["#" + "e\u0301" * 64]}),
    ],
)
def test_what_the_service_refuses_does_not_validate_and_what_it_takes_does(
    document: Node, name: str, refused: Node, taken: Node
) -> None:
    schema = validator(document, {"$ref": f"#/components/schemas/{name}"})

    assert [schema.is_valid(refused), schema.is_valid(taken)] == [False, True]


def test_nothing_of_the_framework_shows(document: Node) -> None:
    assert not re.search(r"litestar|Validation Exception|status_code|photostore_http", str(document), re.IGNORECASE)


async def test_an_unchanged_document_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get("/openapi.json")

    again = await http.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})

    assert first.headers["content-type"] == "application/json"
    assert (again.status_code, again.content) == (304, b"")


def test_what_the_bytes_and_the_new_account_are_versioned_by_is_told(document: Node) -> None:
    told = dict(operations(document))
    file, register = told["GET /api/v1/photos/{photo_id}/file"], told["POST /api/v1/auth/register"]

    asked = {resolved(document, each["$ref"])["name"] for each in file["parameters"] if "$ref" in each}
    assert asked == {"If-None-Match", "Range", "If-Range"}
    assert "ETag" in register["responses"]["201"]["headers"]


BYTES = [f"GET /api/v1/photos/{{photo_id}}/{name}" for name in ("file", "image", "renditions/{name}")]


def asked_of(document: Node, name: str) -> dict[str, Node]:
    """The parameters of a call."""
    told = dict(operations(document))[name].get("parameters", [])
    found = [resolved(document, each["$ref"]) if "$ref" in each else each for each in told]
    return {each["name"]: each for each in found}


@pytest.mark.parametrize("name", BYTES)
def test_a_client_is_told_when_to_come_back_for_a_rendition(document: Node, name: str) -> None:
    responses = dict(operations(document))[name]["responses"]

    assert "Retry-After" in responses["409"]["headers"]


def test_other_conflicts_do_not_pass_by_waiting(document: Node) -> None:
    responses = dict(operations(document))["PATCH /api/v1/photos/{photo_id}"]["responses"]

    assert "Retry-After" not in responses["409"]["headers"]


@pytest.mark.parametrize("name", BYTES)
def test_the_tag_of_bytes_is_no_version_to_edit(document: Node, name: str) -> None:
    responses = dict(operations(document))[name]["responses"]

    for status in ("200", "206", "304"):
        assert "If-Match" not in responses[status]["headers"]["ETag"]["description"]
    assert "If-Match" not in asked_of(document, name)


@pytest.mark.parametrize("name", BYTES[1:])
def test_it_is_told_that_the_format_is_negotiated(document: Node, name: str) -> None:
    responses = dict(operations(document))[name]["responses"]

    assert all("Accept" in responses[status]["headers"]["Vary"]["description"] for status in ("200", "206", "304"))
    assert asked_of(document, name)["Accept"]["in"] == "header"


@pytest.mark.parametrize("side", ["width", "height"])
def test_the_bounds_of_an_image_are_told(document: Node, side: str) -> None:
    schema = asked_of(document, "GET /api/v1/photos/{photo_id}/image")[side]["schema"]

    assert schema == {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2560}


@pytest.mark.parametrize(
    ("call", "parameter", "default"),
    [
        ("GET /api/v1/photos", "sort", "-created_at"),
        ("GET /api/v1/photos/{photo_id}/image", "fit", "contain"),
        ("GET /api/v1/photos/{photo_id}/file", "metadata", "keep"),
    ],
)
def test_what_is_meant_when_a_choice_is_left_out_is_told(
    document: Node, call: str, parameter: str, default: str
) -> None:
    schema = asked_of(document, call)[parameter]["schema"]

    assert schema["default"] == default
    assert default in resolved(document, schema["$ref"])["enum"]
    assert "default" not in resolved(document, schema["$ref"])


def test_the_messages_to_webhooks_are_told_as_they_are(document: Node) -> None:
    for message in document["webhooks"].values():
        told = message["post"]["requestBody"]["content"]["application/json"]
        validator(document, told["schema"]).validate(told["example"])
        names = [parameter["name"] for parameter in message["post"]["parameters"]]
        assert names == ["webhook-id", "webhook-timestamp", "webhook-signature"]

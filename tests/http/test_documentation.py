"""The OpenAPI document and the page that shows it."""

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.http.world import World

Node = dict[str, Any]
_RAW = {"accept-encoding": "identity"}


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
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        for example in schema.get("examples", []):
            validator(document, {"$ref": f"#/components/schemas/{name}"}).validate(example)
    for node in nodes(document["paths"]):
        for example in node.get("examples", {}).values() if "schema" in node and isinstance(node, dict) else ():
            validator(document, node["schema"]).validate(example["value"])


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
    assert set(form["properties"]) == {"file", "title", "description", "hashtags", "sha256"}
    assert form["properties"]["file"]["format"] == "binary"
    assert form["required"] == ["file"]


def test_bytes_are_documented_as_bytes(document: Node) -> None:
    responses = document["paths"]["/api/v1/photos/{photo_id}/file"]["get"]["responses"]

    assert {"200", "206", "304", "416"} <= set(responses)
    assert set(responses["200"]["content"]) == {"image/*"}
    assert {"ETag", "Content-Range"} <= set(responses["206"]["headers"])


def test_nothing_of_the_framework_shows(document: Node) -> None:
    assert not re.search(r"litestar|Validation Exception|status_code|photostore_http", str(document), re.IGNORECASE)


async def test_an_unchanged_document_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get("/openapi.json")

    again = await http.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})

    assert first.headers["content-type"] == "application/json"
    assert (again.status_code, again.content) == (304, b"")


class Links(HTMLParser):
    """What a page asks for, and whether it runs or styles anything by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.inline = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.asked += [url for name, url in told.items() if name in ("src", "href") and url]
        self.inline |= (tag == "script" and "src" not in told) or tag == "style"
        self.inline |= any(name.startswith("on") or name == "style" for name in told)


async def test_the_page_asks_no_other_host_for_anything(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")

    links = Links(page.text)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not links.inline
    assert all(url.startswith(("/docs/assets/", "/openapi.json", "data:,")) for url in links.asked)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_its_files_can_be_kept_for_ever(http: httpx.AsyncClient) -> None:
    urls = [url for url in Links((await http.get("/docs")).text).asked if url.startswith("/docs/assets/")]
    kinds = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}

    for url in urls:
        plain = await http.get(url, headers=_RAW)
        async with http.stream("GET", url, headers={"accept-encoding": "gzip"}) as answer:
            packed = b"".join([piece async for piece in answer.aiter_raw()])
        same = await http.get(url, headers={**_RAW, "if-none-match": plain.headers["etag"]})

        assert plain.headers["content-type"] == kinds[url.rpartition(".")[2]]
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert plain.headers["vary"] == "Accept-Encoding"
        assert (answer.headers["content-encoding"], gzip.decompress(packed)) == ("gzip", plain.content)
        assert answer.headers["etag"] != plain.headers["etag"]
        assert (same.status_code, same.content) == (304, b"")
    assert len(urls) == 4


@pytest.mark.parametrize(
    "path", ["old/docs.js", "{version}/docs.html", "{version}/../documentation.py", "{version}/x.js"]
)
async def test_nothing_else_is_served_from_there(http: httpx.AsyncClient, path: str) -> None:
    version = Links((await http.get("/docs")).text).asked[1].split("/")[3]

    assert (await http.get(f"/docs/assets/{path.format(version=version)}")).status_code == 404


def test_the_licence_of_what_is_not_ours_comes_with_it() -> None:
    folder = files("photostore_http") / "assets" / "swagger-ui"

    assert "Apache License" in (folder / "LICENSE").read_text()
    assert "SmartBear" in (folder / "NOTICE").read_text()


def test_what_the_bytes_and_the_new_account_are_versioned_by_is_told(document: Node) -> None:
    told = dict(operations(document))
    file, register = told["GET /api/v1/photos/{photo_id}/file"], told["POST /api/v1/auth/register"]

    asked = {resolved(document, each["$ref"])["name"] for each in file["parameters"] if "$ref" in each}
    assert asked == {"If-None-Match", "Range", "If-Range"}
    assert "ETag" in register["responses"]["201"]["headers"]

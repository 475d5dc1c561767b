"""The OpenAPI document as Litestar generates it, made to tell all that is true of every call."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from photostore_http.openapi_examples import EXAMPLES
from photostore_http.openapi_problems import add_problems

Node = dict[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch")
_REF = "#/components/schemas/"
_SAID_BY_STATUS = {"200": "Done.", "201": "Made.", "204": "Done; there is nothing to say."}
_HEADERS: Node = {
    "RequestId": {"description": "The request's `X-Request-Id`, or one made for it.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "In how many seconds another try is worth it.", "schema": {"type": "integer"}},
    "RateLimit": {
        "description": 'Such as `"default";r=599;t=600`: the tries left, and the seconds until there are more.',
        "schema": {"type": "string"},
    },
    "RateLimitPolicy": {
        "description": 'Such as `"default";q=600;w=600`: so many tries in so many seconds.',
        "schema": {"type": "string"},
    },
    "Location": {"description": "Where to go.", "schema": {"type": "string", "format": "uri-reference"}},
    "Challenge": {"description": "`Bearer`.", "schema": {"type": "string"}},
    "ContentRange": {"description": "Which bytes, and of how many.", "schema": {"type": "string"}},
}
_REQUEST_HEADERS: Node = {
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` that the resource must still have; else 412.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` that the client has; 304 when it is still the present one.",
        "schema": {"type": "string"},
        "example": '"2"',
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "description": "One range of bytes, such as `bytes=0-1023`.",
        "schema": {"type": "string"},
        "example": "bytes=0-1023",
    },
    "IfRange": {
        "name": "If-Range",
        "in": "header",
        "description": "The `ETag` or `Last-Modified` of the part that the client has; the whole when it is another now.",
        "schema": {"type": "string"},
        "example": '"f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2"',
    },
    "IfPreviouslyDeleted": {
        "name": "If-Previously-Deleted",
        "in": "header",
        "description": "`refuse`: answer 409 when the owner had a photo of these bytes once and deleted it for good.",
        "schema": {"type": "string", "enum": ["refuse"]},
        "example": "refuse",
    },
}
_VERSIONED = ("200", "201", "206", "304")
# A request that can be answered so depends on such a header.
_CONDITIONS = {"412": ("IfMatch",), "304": ("IfNoneMatch",), "206": ("Range", "IfRange")}


def finished(document: Node) -> Node:
    """The document to serve; `document` is used up."""
    document = _with_short_names(document)
    document["components"]["headers"] = _HEADERS
    document["components"]["parameters"] = _REQUEST_HEADERS
    for path, operation in _operations(document):
        operation["summary"] = re.sub(r"(?<!^)(?=[A-Z])", " ", operation["operationId"]).capitalize()
        operation.pop("deprecated", None)
        _finish_parameters(operation)
        add_problems(path, operation)
        _finish_responses(operation)
        _add_conditions(operation)
    _finish_schemas(document)
    return document


def _operations(document: Node) -> Iterator[tuple[str, Node]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, item[method]


def _with_short_names(document: Node) -> Node:
    """Pages are called after what they are pages of."""
    text = msgspec.json.encode(document).decode()
    named: Node = msgspec.json.decode(re.sub(r"Page_(?:\w+\.)*(\w+)_(?=\")", r"\1Page", text))
    for name, schema in named["components"]["schemas"].items():
        schema["title"] = name
    return named


def _finish_parameters(operation: Node) -> None:
    for parameter in operation.get("parameters", []):
        for noise in ("deprecated", "allowEmptyValue", "allowReserved"):
            parameter.pop(noise, None)
        schema = parameter["schema"]
        schema.pop("description", None)
        # A query can leave a parameter out, but not say null.
        kinds = [kind for kind in schema.pop("oneOf", []) if kind != {"type": "null"}]
        if len(kinds) == 1:
            schema.update(kinds[0])


def _finish_responses(operation: Node) -> None:
    limited = "429" in operation["responses"]
    versioned = [
        each["headers"]["ETag"] for each in operation["responses"].values() if "ETag" in each.get("headers", {})
    ]
    for status, response in operation["responses"].items():
        if status in _SAID_BY_STATUS and "follows" in response["description"]:
            response["description"] = _SAID_BY_STATUS[status]
        headers = response.setdefault("headers", {})
        headers.pop("location", None)
        if versioned and status in _VERSIONED:
            headers["ETag"] = versioned[0]
        for header in headers.values():
            header.setdefault("schema", {"type": "string"})
            for noise in ("required", "deprecated", "allowEmptyValue", "allowReserved"):
                header.pop(noise, None)
        for name, ref in _headers_of(status, limited=limited):
            headers[name] = {"$ref": f"#/components/headers/{ref}"}
        for media_type in response.get("content", {}).values():
            for example in media_type.get("examples", {}).values():
                example.pop("id", None)


def _headers_of(status: str, *, limited: bool) -> Iterator[tuple[str, str]]:
    yield "X-Request-Id", "RequestId"
    if limited:
        yield from (("RateLimit", "RateLimit"), ("RateLimit-Policy", "RateLimitPolicy"))
    if status in ("429", "503"):
        yield "Retry-After", "RetryAfter"
    if status == "401":
        yield "WWW-Authenticate", "Challenge"
    if status in ("302", "303", "307"):
        yield "Location", "Location"
    if status in ("206", "416"):
        yield "Content-Range", "ContentRange"


def _add_conditions(operation: Node) -> None:
    for status, names in _CONDITIONS.items():
        if status in operation["responses"]:
            told = [{"$ref": f"#/components/parameters/{name}"} for name in names]
            operation.setdefault("parameters", []).extend(told)
    if "/problems/previously-deleted" in operation["responses"].get("409", {}).get("description", ""):
        told = [{"$ref": "#/components/parameters/IfPreviouslyDeleted"}]
        operation.setdefault("parameters", []).extend(told)


def _finish_schemas(document: Node) -> None:
    """Answers hold every field, always. Requests hold no unknown one."""
    schemas = document["components"]["schemas"]
    for name in _reached(document, (each.get("responses") for _, each in _operations(document))):
        if "properties" in schemas[name]:
            schemas[name]["required"] = sorted(schemas[name]["properties"])
            for field in schemas[name]["properties"].values():
                field.pop("default", None)
    for name in _reached(document, (each.get("requestBody") for _, each in _operations(document))):
        if "properties" in schemas[name]:
            schemas[name]["additionalProperties"] = False
            if not schemas[name]["required"]:
                del schemas[name]["required"]
    for name, schema in schemas.items():
        if name in EXAMPLES:
            schema["examples"] = [EXAMPLES[name]]


def _reached(document: Node, nodes: Iterable[Any]) -> set[str]:
    """The names of the schemas that these refer to, and those refer to."""
    reached: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix(_REF)
            if name in document["components"]["schemas"] and name not in reached:
                reached.add(name)
                waiting.append(document["components"]["schemas"][name])
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return reached

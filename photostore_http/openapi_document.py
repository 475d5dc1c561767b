"""The OpenAPI document as Litestar generates it, made to tell all that is true of every call."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

import msgspec

from photostore_http.idempotency import is_kept
from photostore_http.openapi_bounds import add_bounds
from photostore_http.openapi_events import add_items
from photostore_http.openapi_examples import EXAMPLES
from photostore_http.openapi_headers import HEADERS, REQUEST_HEADERS
from photostore_http.openapi_problems import add_problems
from photostore_http.openapi_webhooks import WEBHOOKS
from photostore_http.problems import PROBLEM_MEDIA_TYPE

Node = dict[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch", "options")
_REF = "#/components/schemas/"
_SAID_BY_STATUS = {"200": "Done.", "201": "Made.", "204": "Done; there is nothing to say."}
_VERSIONED = ("200", "201", "206", "304")
_OF_ALL_VERSIONED = ("ETag", "Vary", "Repr-Digest")
_PENDING = "rendition-pending"
_MAY_REFUSE_DELETED = ("UploadPhoto", "StartUpload", "StartUploads", "StartTusUpload")
# A request that can be answered so depends on such a header.
_CONDITIONS = {"412": ("IfMatch",), "304": ("IfNoneMatch",), "206": ("Range", "IfRange")}

_SERVER = {
    "url": "/",
    "description": "The service that serves this document, in production or elsewhere.",
    "x-internal": False,
}
_OF_GUESTS: list[Node] = [{}, {"share": []}]


def finished(document: Node) -> Node:
    """The document to serve; `document` is used up."""
    document = _with_short_names(document)
    _finish_defaults(document)
    document["servers"] = [_SERVER]
    document["webhooks"] = deepcopy(WEBHOOKS)
    document["components"]["headers"] = deepcopy(HEADERS)
    document["components"]["parameters"] = deepcopy(REQUEST_HEADERS)
    for path, method, operation in _methods(document):
        # Also of guests, but for what lets them in.
        keyed = method == "post" and operation.get("security", _OF_GUESTS) == _OF_GUESTS
        operation["summary"] = re.sub(r"(?<!^)(?=[A-Z])", " ", operation["operationId"]).capitalize()
        operation.pop("deprecated", None)
        _finish_security(operation)
        _finish_parameters(operation)
        add_problems(path, operation, keyed=keyed)
        _finish_responses(operation)
        _add_conditions(operation)
        if keyed:
            _add_key(operation)
    _finish_schemas(document)
    add_items(document)
    add_bounds(document)
    return document


def _operations(document: Node) -> Iterator[tuple[str, Node]]:
    for path, _, operation in _methods(document):
        yield path, operation


def _methods(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _with_short_names(document: Node) -> Node:
    """Pages are called after what they are pages of."""
    text = msgspec.json.encode(document).decode()
    named: Node = msgspec.json.decode(re.sub(r"Page_(?:\w+\.)*(\w+)_(?=\")", r"\1Page", text))
    for name, schema in named["components"]["schemas"].items():
        schema["title"] = name
    return named


def _finish_security(operation: Node) -> None:
    """Each way in once. What is open to everyone says so with an empty list: generators ask for a token otherwise."""
    if "security" in operation:
        told: list[Node] = operation["security"]
        once = [each for at, each in enumerate(told) if each not in told[:at]]
        operation["security"] = [] if once == [{}] else once


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


def _finish_defaults(document: Node) -> None:
    """What is meant when a parameter is left out is the parameter's matter, not its type's."""
    schemas = document["components"]["schemas"]
    chosen: set[str] = set()
    for _, operation in _operations(document):
        for parameter in operation.get("parameters", []):
            for kind in parameter["schema"].pop("allOf", []):
                name = kind["$ref"].removeprefix(_REF)
                parameter["schema"] |= kind | {"default": schemas[name]["default"]}
                chosen.add(name)
    for name in chosen:
        del schemas[name]["default"]


def _finish_responses(operation: Node) -> None:
    limited = "429" in operation["responses"]
    tags = _headers_among(operation, _OF_ALL_VERSIONED)
    places = _headers_among(operation, ("Location",)) if "201" in operation["responses"] else {}
    in_parts = "206" in operation["responses"]
    for status, response in operation["responses"].items():
        if status in _SAID_BY_STATUS and "follows" in response["description"]:
            response["description"] = _SAID_BY_STATUS[status]
        if any(each["schema"] == {"type": "null"} for each in response.get("content", {}).values()):
            del response["content"]
        headers = response.setdefault("headers", {})
        headers.pop("location", None)
        headers.update(tags if status in _VERSIONED else {})
        headers.update(places if status in ("200", "201") else {})
        _finish_headers(headers)
        pending = _PENDING in _problems_of(response)
        for name, ref in _headers_of(status, limited=limited, pending=pending, in_parts=in_parts):
            headers[name] = {"$ref": f"#/components/headers/{ref}"}
        # Litestar has them in a set: in every process the document should be the same.
        response["headers"] = dict(sorted(headers.items()))
        for media_type in response.get("content", {}).values():
            for example in media_type.get("examples", {}).values():
                example.pop("id", None)


def _finish_headers(headers: Node) -> None:
    for header in headers.values():
        header.setdefault("schema", {"type": "string"})
        for noise in ("required", "deprecated", "allowEmptyValue", "allowReserved"):
            header.pop(noise, None)


def _headers_among(operation: Node, names: Iterable[str]) -> Node:
    """Those of them that any answer declares."""
    declared = [each.get("headers", {}) for each in operation["responses"].values()]
    return {name: headers[name] for headers in declared for name in names if name in headers}


def _problems_of(response: Node) -> Node:
    problems: Node = response.get("content", {}).get(PROBLEM_MEDIA_TYPE, {}).get("examples", {})
    return problems


def _headers_of(status: str, *, limited: bool, pending: bool, in_parts: bool) -> Iterator[tuple[str, str]]:
    yield "X-Request-Id", "RequestId"
    yield "Access-Control-Allow-Origin", "AllowedOrigin"
    if limited:
        yield from (("RateLimit", "RateLimit"), ("RateLimit-Policy", "RateLimitPolicy"))
    if pending or status in ("423", "429", "503"):
        yield "Retry-After", "RetryAfter"
    if status == "401":
        yield "WWW-Authenticate", "Challenge"
    if status in ("302", "303", "307"):
        yield "Location", "Location"
    if status in ("206", "416"):
        yield "Content-Range", "ContentRange"
    if in_parts and status in _VERSIONED:
        yield "Accept-Ranges", "AcceptRanges"
    if in_parts and status in ("200", "206"):
        yield "Content-Disposition", "ContentDisposition"


def _add_conditions(operation: Node) -> None:
    for status, names in _CONDITIONS.items():
        response = operation["responses"].get(status)
        # The protocol of some uploads has conditions of its own.
        if response is not None and "tus-version-unsupported" not in _problems_of(response):
            told = [{"$ref": f"#/components/parameters/{name}"} for name in names]
            operation.setdefault("parameters", []).extend(told)
    if operation["operationId"] in _MAY_REFUSE_DELETED:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IfPreviouslyDeleted"})
    if _headers_among(operation, ["Vary"]):
        operation["parameters"].append({"$ref": "#/components/parameters/Accept"})


def _add_key(operation: Node) -> None:
    """Whoever is signed in may send a POST again under a key, and be told the first answer."""
    operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    for status, response in operation["responses"].items():
        if status == "409":
            response["headers"]["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
        if is_kept(int(status)):
            response["headers"]["Idempotency-Replayed"] = {"$ref": "#/components/headers/IdempotencyReplayed"}


def _finish_schemas(document: Node) -> None:
    """Answers hold every field, always. Requests hold no unknown one."""
    schemas = document["components"]["schemas"]
    # Their handler looks at one after the other.
    schemas["StartUploadsRequest"]["properties"]["uploads"]["items"] = {"$ref": f"{_REF}StartUploadRequest"}
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

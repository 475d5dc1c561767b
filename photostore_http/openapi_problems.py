"""The problems that any call may meet, beside those that its controller declares."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from photostore_http.problem_specs import example_of
from photostore_http.problems import PROBLEM_MEDIA_TYPE, problem_types

Node = dict[str, Any]
_OF_KEYS = ("idempotency-key-invalid", "idempotency-key-in-use", "idempotency-answer-lost", "idempotency-key-reused")
_OF_DIGESTS = ("digest-malformed", "digest-mismatch")
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def add_problems(path: str, operation: Node, *, keyed: bool = False) -> None:
    """Each as one more example of its status; Litestar's own word on requests that do not validate goes."""
    responses = operation["responses"]
    for status in [status for status in responses if int(status) >= 400]:
        content = responses[status].get("content", {})
        if "application/json" in content and status != "503":
            del responses[status]
    for name in (*_met_by(path, operation), *(_OF_KEYS if keyed else ())):
        _add(responses, path, name)
    for response in responses.values():
        media = response.get("content", {}).get(PROBLEM_MEDIA_TYPE, {})
        # What says more than a problem must is a problem as well.
        if "oneOf" in media.get("schema", {}):
            # The plain one comes last: readers take the first that fits.
            media["schema"] = {"anyOf": sorted(media["schema"]["oneOf"], key=_PROBLEM.__eq__)}
        for example in media.get("examples", {}).values():
            example["value"]["instance"] = path
    operation["responses"] = dict(sorted(responses.items()))


def _met_by(path: str, operation: Node) -> Iterator[str]:
    if not operation.pop("anyQuery", False):
        yield "bad-parameter"
    if any(parameter["schema"].get("format") == "uuid" for parameter in operation.get("parameters", [])):
        yield "not-found"
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        yield from ("malformed", "body-interrupted", "body-stalled", "too-large", "invalid")
    if "requestBody" in operation:
        yield from _OF_DIGESTS
    yield "internal"
    if path.startswith("/api/"):
        yield "database-unavailable"


def _add(responses: Node, path: str, name: str) -> None:
    status, title = _types()[name]
    response = responses.setdefault(str(status), {"description": ""})
    content = response.setdefault("content", {})
    media = content.setdefault(PROBLEM_MEDIA_TYPE, {"schema": _PROBLEM, "examples": {}})
    if name not in media["examples"]:
        media["examples"][name] = {"summary": title, "value": example_of(name, title, status)}
        response["description"] = f"{response['description']} `/problems/{name}`: {title}".strip()


@cache
def _types() -> dict[str, tuple[int, str]]:
    told = {each.removeprefix("/problems/"): (status, title) for each, status, title in problem_types()}
    # Raised where the database is, which HTTP does not see, and by any call that asks it.
    return {"database-unavailable": (503, "The database does not answer."), **told}

"""Errors as problem documents (RFC 9457): kinds become statuses here, once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from msgspec import Struct

from photostore.quota.errors import QuotaExceeded
from photostore.shared.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    OutOfSpace,
    PhotostoreError,
    PreconditionFailed,
    RateLimited,
    TimedOut,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from photostore.user.identity_provider import SignInRefused
from photostore_http.paging import BadParameter

PROBLEM_MEDIA_TYPE = "application/problem+json"
# How msgspec names a field that it does not find, or does not know.
_NAMED_FIELD = re.compile(r"(?:unknown|missing required) field `([^`]*)`")
_log = structlog.get_logger(__name__)

STATUSES: Mapping[type[PhotostoreError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    TimedOut: 408,
    Conflict: 409,
    PreconditionFailed: 412,
    TooLarge: 413,
    Unsupported: 415,
    Invalid: 422,
    RateLimited: 429,
    Unavailable: 503,
    OutOfSpace: 507,
}
# What the framework refuses by itself, by status.
_FRAMEWORK: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be read."),
    404: ("not-found", "There is no such resource."),
    405: ("method-not-allowed", "The resource does not know this method."),
    411: ("length-required", "The request must tell its length."),
    413: ("too-large", "The content is too large."),
    415: ("unsupported", "The content is of a type that is not supported."),
    416: ("range-not-satisfiable", "None of the requested bytes exist."),
    422: ("invalid", "The request does not validate."),
    500: ("internal", "Something went wrong inside the service."),
}


class FieldProblem(Struct, frozen=True, kw_only=True):
    """One field that is not as it should be."""

    field: str
    message: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldProblem] = []


class QuotaProblem(Problem, frozen=True, kw_only=True):
    """`/problems/quota-exceeded`, with the figures, in bytes."""

    requested: int
    used: int
    reserved: int
    quota: int


class SignInProblem(Problem, frozen=True, kw_only=True):
    """`/problems/sign-in-refused`, with the error code of the identity provider (RFC 6749, 4.1.2.1)."""

    code: str


# The problems that say more than others.
_SPECIAL: Mapping[type[PhotostoreError], type[Problem]] = {QuotaExceeded: QuotaProblem, SignInRefused: SignInProblem}
_SPECIAL_EXAMPLES: Mapping[str, dict[str, Any]] = {
    "quota-exceeded": {"requested": 5_850_112, "used": 1_070_000_000, "reserved": 0, "quota": 1_073_741_824},
    "sign-in-refused": {"code": "access_denied"},
}


def slug(error: type[PhotostoreError]) -> str:
    """`QuotaExceeded` is `quota-exceeded`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def status_of(error: type[PhotostoreError]) -> int:
    return next(STATUSES[kind] for kind in error.__mro__ if kind in STATUSES)


def problem_types() -> list[tuple[str, int, str]]:
    """Every type that a problem of this service can have, with its status and its title."""
    told = {name: (status, title) for status, (name, title) in _FRAMEWORK.items()}
    told |= {slug(kind): (status_of(kind), kind.title) for kind in _kinds(PhotostoreError)}
    return sorted((f"/problems/{name}", status, title) for name, (status, title) in told.items())


def _kinds(kind: type[PhotostoreError]) -> Iterator[type[PhotostoreError]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("photostore"):
            yield each
            yield from _kinds(each)


def request_id_of(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get("request_id", ""))


def _basics(request: Request[Any, Any, Any], name: str, title: str, status: int, detail: str) -> dict[str, Any]:
    request.scope["problem"] = name  # type: ignore[typeddict-unknown-key]
    return {
        "type": f"/problems/{name}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": request_id_of(request),
    }


def _fields(errors: Iterable[FieldError]) -> list[FieldProblem]:
    return [FieldProblem(field=each.field, message=each.message) for each in errors]


def _response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response[Problem]:
    return Response(problem, status_code=problem.status, media_type=PROBLEM_MEDIA_TYPE, headers=dict(headers or {}))


def on_refusal(request: Request[Any, Any, Any], error: PhotostoreError) -> Response[Problem]:
    """A refusal of the domain."""
    kind = type(error)
    basics = _basics(request, slug(kind), error.title, status_of(kind), error.detail)
    basics["errors"] = _fields(error.errors)
    if isinstance(error, QuotaExceeded):
        return _response(
            QuotaProblem(
                **basics,
                requested=error.requested,
                used=error.used,
                reserved=error.reserved,
                quota=error.quota,
            )
        )
    if isinstance(error, SignInRefused):
        return _response(SignInProblem(**basics, code=error.code))
    return _response(Problem(**basics), _headers(error))


def _headers(error: PhotostoreError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, RateLimited):
        return {"Retry-After": str(error.retry_after)} | rate_limit_headers(
            error.limit, error.window, 0, error.retry_after
        )
    if isinstance(error, Unavailable):
        return {"Retry-After": str(error.retry_after)}
    return {}


def rate_limit_headers(limit: int, window: int, remaining: int, reset: int) -> dict[str, str]:
    """`RateLimit` and `RateLimit-Policy` (IETF httpapi-ratelimit-headers)."""
    return {
        "RateLimit-Policy": f'"default";q={limit};w={window}',
        "RateLimit": f'"default";r={remaining};t={reset}',
    }


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """A refusal of the framework's own."""
    if isinstance(error, ValidationException):
        return _on_validation(request, error)
    if error.status_code >= 500:
        return on_fault(request, error)
    status = error.status_code if error.status_code in _FRAMEWORK else 400
    name, title = _FRAMEWORK[status]
    detail = title if status in (404, 405, 413) else error.detail
    headers = dict(error.headers or {})
    if "GET" in headers.get("allow", ""):
        headers["allow"] += ", HEAD"
    return _response(Problem(**_basics(request, name, title, status, detail)), headers)


def _on_validation(request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    """Where it stands decides: a body that does not validate is a 422, a bad query parameter a 400, a bad path a 404."""
    extra: list[dict[str, Any]] = error.extra if isinstance(error.extra, list) else _missing(error)
    sources = {getattr(each.get("source", "body"), "value", "body") for each in extra}
    status = 404 if "path" in sources else 400 if sources & {"query", "header", "cookie"} else 422
    name, title = (slug(BadParameter), BadParameter.title) if status == 400 else _FRAMEWORK[status]
    fields = [_field(str(each.get("key", "")), str(each.get("message", ""))) for each in extra]
    detail = "; ".join(f"{each.field}: {each.message}" for each in fields) or title
    return _response(Problem(**_basics(request, name, title, status, detail), errors=[] if status == 404 else fields))


def _missing(error: ValidationException) -> list[dict[str, Any]]:
    """The parameter that is required and not there; Litestar tells of it in words alone."""
    named = re.search(r"query parameter '([^']*)'", error.detail)
    return [{"key": named[1], "message": "is required", "source": "query"}] if named else []


def _field(key: str, message: str) -> FieldProblem:
    """The field that is meant; the whole body is called `body`."""
    if message == "'data'":
        return FieldProblem(field="body", message="Expected a JSON object, got nothing")
    named = _NAMED_FIELD.search(message)
    path = [] if key == "data" else [key]
    return FieldProblem(field=".".join([*path, named[1]] if named else path) or "body", message=message)


def on_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A fault of ours: told to the log alone."""
    _log.error("a request failed", exc_info=error, path=request.url.path)
    name, title = _FRAMEWORK[500]
    return _response(Problem(**_basics(request, name, title, 500, title)))


def refusals(*errors: type[PhotostoreError]) -> dict[int, ResponseSpec]:
    """The problems of a call for its documentation: one response a status, an example for each problem."""
    by_status: dict[int, list[type[PhotostoreError]]] = {}
    for error in errors:
        by_status.setdefault(status_of(error), []).append(error)
    return {status: _spec(status, kinds) for status, kinds in by_status.items()}


def example_of(name: str, title: str, status: int) -> dict[str, Any]:
    """A problem as it looks, for the documentation."""
    invalid = [{"field": "name", "message": "what is the matter with it"}] if status == 422 else []
    example = {
        "type": f"/problems/{name}",
        "title": title,
        "status": status,
        "detail": title,
        "instance": "/api/v1/...",
        "request_id": "0190f7f2-7bd4-7c3e-9d53-6a3d9f0c1a2b",
        "errors": invalid,
    }
    return example | _SPECIAL_EXAMPLES.get(name, {})


def _spec(status: int, kinds: list[type[PhotostoreError]]) -> ResponseSpec:
    examples = [
        Example(id=slug(kind), summary=kind.title, value=example_of(slug(kind), kind.title, status)) for kind in kinds
    ]
    described = " ".join(f"`/problems/{slug(kind)}`: {kind.title}" for kind in kinds)
    container: Any = Problem
    for kind in kinds:
        container = container | _SPECIAL.get(kind, Problem)
    return ResponseSpec(
        data_container=container,
        generate_examples=False,
        description=described,
        media_type=PROBLEM_MEDIA_TYPE,
        examples=examples,
    )


def _framework_spec(status: int) -> dict[int, ResponseSpec]:
    name, title = _FRAMEWORK[status]
    example = Example(id=name, summary=title, value=example_of(name, title, status))
    return {
        status: ResponseSpec(
            data_container=Problem,
            generate_examples=False,
            description=f"`/problems/{name}`: {title}",
            media_type=PROBLEM_MEDIA_TYPE,
            examples=[example],
        )
    }


NOT_FOUND = _framework_spec(404)
RANGE_NOT_SATISFIABLE = _framework_spec(416)

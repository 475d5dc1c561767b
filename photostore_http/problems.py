"""Errors as problem documents (RFC 9457): kinds become statuses here, once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.enums import ParamType
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

from photostore.photo.errors import RenditionPending
from photostore.quota.errors import QuotaExceeded
from photostore.shared.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Gone,
    Invalid,
    Locked,
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
from photostore.shared.idempotency import IdempotencyKeyInUse
from photostore.upload.errors import PieceChecksumMismatch, UploadBeingCompleted
from photostore.user.identity_provider import SignInRefused
from photostore_http.paging import BadParameter
from photostore_http.share_paths import told_path

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
    Gone: 410,
    PreconditionFailed: 412,
    TooLarge: 413,
    Unsupported: 415,
    Invalid: 422,
    Locked: 423,
    RateLimited: 429,
    PieceChecksumMismatch: 460,  # by the tus protocol
    Unavailable: 503,
    OutOfSpace: 507,
}
# What the framework refuses by itself, by status.
FRAMEWORK: Mapping[int, tuple[str, str]] = {
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


def slug(error: type[PhotostoreError]) -> str:
    """`QuotaExceeded` is `quota-exceeded`."""
    return error.problem or re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def status_of(error: type[PhotostoreError]) -> int:
    return next(STATUSES[kind] for kind in error.__mro__ if kind in STATUSES)


def problem_types() -> list[tuple[str, int, str]]:
    """Every type that a problem of this service can have, with its status and its title."""
    told = {name: (status, title) for status, (name, title) in FRAMEWORK.items()}
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
    return _response(problem_of(request, error), _headers(error))


def problem_of(request: Request[Any, Any, Any], error: PhotostoreError) -> Problem:
    """A refusal as it is told: alone, or of one of many things that were asked for together."""
    kind = type(error)
    basics = _basics(request, slug(kind), error.title, status_of(kind), error.detail)
    basics["errors"] = _fields(error.errors)
    if isinstance(error, QuotaExceeded):
        return QuotaProblem(
            **basics,
            requested=error.requested,
            used=error.used,
            reserved=error.reserved,
            quota=error.quota,
        )
    if isinstance(error, SignInRefused):
        return SignInProblem(**basics, code=error.code)
    return Problem(**basics)


def _headers(error: PhotostoreError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, RateLimited) and error.window:
        return {"Retry-After": str(error.retry_after)} | rate_limit_headers(
            error.limit, error.window, 0, error.retry_after
        )
    if isinstance(
        error, RateLimited | Unavailable | Locked | RenditionPending | IdempotencyKeyInUse | UploadBeingCompleted
    ):
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
    status = error.status_code if error.status_code in FRAMEWORK else 400
    name, title = FRAMEWORK[status]
    detail = title if status in (404, 405, 413) else error.detail
    headers = dict(error.headers or {})
    if "GET" in headers.get("allow", ""):
        headers["allow"] += ", HEAD"
    return _response(Problem(**_basics(request, name, title, status, detail)), headers)


def _on_validation(request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    """Where it stands decides: a body that does not validate is a 422, a bad query parameter a 400, a bad path a 404."""
    extra: list[dict[str, Any]] = error.extra if isinstance(error.extra, list) else _missing(error)
    sources = {str(getattr(each.get("source"), "value", "body")) for each in extra}
    status = 404 if "path" in sources else 400 if sources & {"query", "header", "cookie"} else 422
    name, title = (slug(BadParameter), BadParameter.title) if status == 400 else FRAMEWORK[status]
    fields = [field_problem(_told_as(request, each), str(each.get("message", ""))) for each in extra]
    detail = "; ".join(f"{each.field}: {each.message}" for each in fields) or title
    return _response(Problem(**_basics(request, name, title, status, detail), errors=[] if status == 404 else fields))


def _told_as(request: Request[Any, Any, Any], each: Mapping[str, Any]) -> str:
    """What the client calls it; the framework names the handler's own parameter."""
    key = str(each.get("key", ""))
    parameter = request.route_handler.parsed_fn_signature.parameters.get(key)
    return getattr(parameter and parameter.kwarg_definition, "name", None) or key


def _missing(error: ValidationException) -> list[dict[str, Any]]:
    """The parameter that is required and not there; Litestar tells of it in words alone."""
    named = re.search(r"query parameter '([^']*)'", error.detail)
    return [{"key": named[1], "message": "is required", "source": ParamType.QUERY}] if named else []


def field_problem(key: str, message: str) -> FieldProblem:
    """The field that is meant; the whole body is called `body`."""
    named = _NAMED_FIELD.search(message)
    path = [] if key == "data" else [key]
    return FieldProblem(field=".".join([*path, named[1]] if named else path) or "body", message=message)


def on_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A fault of ours: told to the log alone."""
    _log.error("a request failed", exc_info=error, path=told_path(request.url.path))
    name, title = FRAMEWORK[500]
    return _response(Problem(**_basics(request, name, title, 500, title)))

"""Problems as the documentation tells them: one response a status, an example for each problem."""

from collections.abc import Mapping
from typing import Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from photostore.quota.errors import QuotaExceeded
from photostore.shared.errors import PhotostoreError
from photostore.user.identity_provider import SignInRefused
from photostore_http.problems import (
    FRAMEWORK,
    PROBLEM_MEDIA_TYPE,
    Problem,
    QuotaProblem,
    SignInProblem,
    slug,
    status_of,
)

# The problems that say more than others.
_SPECIAL: Mapping[type[PhotostoreError], type[Problem]] = {QuotaExceeded: QuotaProblem, SignInRefused: SignInProblem}
_SPECIAL_EXAMPLES: Mapping[str, dict[str, Any]] = {
    "quota-exceeded": {"requested": 5_850_112, "used": 1_070_000_000, "reserved": 0, "quota": 1_073_741_824},
    "sign-in-refused": {"code": "access_denied"},
}


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
    name, title = FRAMEWORK[status]
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

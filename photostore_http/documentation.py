"""`/openapi.json`, `/docs` and `/problems`: what the service tells of itself."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.params import FromPath, PathParameter
from msgspec import Struct

from photostore_http.conditions import names_tag
from photostore_http.openapi_document import finished
from photostore_http.problem_specs import NOT_FOUND
from photostore_http.problems import problem_types
from photostore_http.settings import HttpSettings
from photostore_http.static_files import StaticFiles

AnyRequest = Request[Any, Any, Any]

_ASSETS = files(__package__) / "assets"
_FILES = StaticFiles(
    _ASSETS,
    {
        "docs.css": "text/css",
        "docs.js": "text/javascript",
        "swagger-ui/swagger-ui.css": "text/css",
        "swagger-ui/swagger-ui-bundle.js": "text/javascript",
    },
)
# Scripts and styles of this service alone, none of them inline; Swagger UI brings its icons as data.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TAGS = {
    "photos": "Upload, list, read, edit, tag, trash and delete photos, and get their bytes.",
    "albums": "Photos put together by hand or found by a query, and shared with other users.",
    "changes": "What became of the caller's photos, albums, hashtags and uploads, one after the other.",
    "webhooks": "Other programs that are told what changes, by signed requests.",
    "uploads": "Photos that go straight to the blob store, in parts where they are large; resumed where they broke off.",
    "storage": "What one may keep, and keeps.",
    "shares": "Links by which people without an account see photos, and what those people see.",
    "hashtags": "The words that photos are found by.",
    "admin": "What administrators see of the whole service, and change.",
    "auth": "Accounts, sessions and API keys.",
    "operations": "For whoever runs the service.",
}


class OpenApiDocument(OpenAPIRenderPlugin):
    """`/openapi.json`, made when it is first asked for."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._answer: tuple[bytes, str] | None = None

    def render(self, request: AnyRequest, openapi_schema: dict[str, Any]) -> Any:
        if self._answer is None:
            body = msgspec.json.encode(finished(msgspec.to_builtins(openapi_schema)))
            self._answer = body, f'"{sha256(body).hexdigest()[:32]}"'
        body, etag = self._answer
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if names_tag(request, etag):
            return Response(None, status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    def receive_router(self, router: Router) -> None:
        """This path alone: Litestar would answer unknown ones with a page of its own."""
        router.routes = [route for route in router.routes if route.path in self.paths]


def _text(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def openapi_config(settings: HttpSettings) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="photostore",
        version=settings.version,
        description=_text("description.md").strip(),
        license=License(name="Apache 2.0", identifier="Apache-2.0"),
        tags=[Tag(name=name, description=description) for name, description in _TAGS.items()],
        path="/",
        render_plugins=[OpenApiDocument()],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="An access token, an API key (`psk_...`), or, where so configured, an access token of the "
                    "identity provider itself.",
                ),
                "share": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="What `POST /public/{token}/unlock` answers, for a share with a password.",
                ),
            }
        ),
        security=[{"bearer": []}],
    )


@cache
def _page() -> bytes:
    return _text("docs.html").replace("{assets}", f"/docs/assets/{_FILES.version}").encode()


@get("/docs", include_in_schema=False)
async def docs() -> Response[bytes]:
    """The interactive documentation, of this service's own files alone."""
    headers = {"Content-Security-Policy": _PAGE_POLICY, "Cache-Control": "no-cache"}
    return Response(_page(), media_type="text/html", headers=headers)


@get("/docs/assets/{version:str}/{name:path}", include_in_schema=False)
async def docs_asset(request: AnyRequest, version: FromPath[str], name: FromPath[str]) -> Response[bytes | None]:
    return _FILES.answer(request, version, name)


class ProblemType(Struct, frozen=True, kw_only=True):
    """What all problems of one type have in common."""

    type: str
    title: str
    status: int


@get("/problems", operation_id="ListProblemTypes", tags=["operations"], security=[{}])
async def list_problem_types() -> list[ProblemType]:
    """Every type of problem that an answer can be."""
    return [ProblemType(type=each, title=title, status=status) for each, status, title in problem_types()]


@get("/problems/{name:str}", operation_id="GetProblemType", tags=["operations"], security=[{}], responses=NOT_FOUND)
async def get_problem_type(
    name: Annotated[str, PathParameter(description="The last part of a problem's `type`.")],
) -> ProblemType:
    """What the `type` of a problem leads to."""
    for each, status, title in problem_types():
        if each == f"/problems/{name}":
            return ProblemType(type=each, title=title, status=status)
    raise NotFoundException


DOCUMENTATION = [docs, docs_asset, list_problem_types, get_problem_type]

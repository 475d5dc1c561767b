"""The byte routes alone, over whichever stores a test wants: no database, no sign-in."""

from typing import Any

import httpx
from dishka import AsyncContainer, Provider, Scope, make_async_container
from dishka.integrations.litestar import setup_dishka
from litestar import Litestar, Request, Response
from litestar.types import ControllerRouterHandler

from photostore.shared.blobs import BlobStore, MultipartBlobStore
from photostore.shared.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PhotostoreError,
    TimedOut,
    TooLarge,
    Unavailable,
)
from photostore.shared.signed_blobs import SignedBlobs
from photostore_http.blobs import BlobController
from photostore_http.requests import StrictRequest
from photostore_http.settings import HttpSettings
from tests.http_settings import http_settings

_STATUSES = {
    Conflict: 409,
    Forbidden: 403,
    Invalid: 422,
    Malformed: 400,
    NotFound: 404,
    TimedOut: 408,
    TooLarge: 413,
    Unavailable: 503,
}


def byte_app(
    blobs: BlobStore,
    multiparts: MultipartBlobStore,
    signed: SignedBlobs,
    *handlers: ControllerRouterHandler,
) -> Litestar:
    app = Litestar(
        [BlobController, *handlers],
        exception_handlers={PhotostoreError: _problem},
        request_class=StrictRequest,
        openapi_config=None,
        logging_config=None,
    )
    setup_dishka(_container(blobs, multiparts, signed), app)
    return app


def client_of(app: Litestar) -> httpx.AsyncClient:
    """A client of `app` without a socket between them."""
    asgi: Any = app
    return httpx.AsyncClient(transport=httpx.ASGITransport(asgi))


def _container(blobs: BlobStore, multiparts: MultipartBlobStore, signed: SignedBlobs) -> AsyncContainer:
    settings = http_settings()
    provider = Provider(scope=Scope.APP)
    provider.provide(lambda: blobs, provides=BlobStore)
    provider.provide(lambda: multiparts, provides=MultipartBlobStore)
    provider.provide(lambda: signed, provides=SignedBlobs)
    provider.provide(lambda: settings, provides=HttpSettings)
    return make_async_container(provider)


def _problem(request: Request[Any, Any, Any], error: PhotostoreError) -> Response[dict[str, str]]:
    status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
    return Response({"type": type(error).__name__, "detail": error.detail}, status_code=status)

"""The application: every controller, around a container that knows every adapter."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from dishka import AsyncContainer, Scope, from_context, provide
from dishka.integrations.litestar import LitestarProvider
from litestar import Litestar, Request, Router
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.exceptions import HTTPException

from photostore.audit.entry import Origin
from photostore.event.listeners import Places
from photostore.event.ports import ChangeSignal
from photostore.event.queries import ChangeQueries
from photostore.share_link.gate import Share
from photostore.share_link.ports import ShareFileUrls
from photostore.shared.clock import Clock
from photostore.shared.errors import PhotostoreError
from photostore.shared.health import HealthCheck
from photostore.shared.media import MediaUrls
from photostore.user.actor import Actor
from photostore.user.queries import LiveCredentials
from photostore_http.account import AccountController
from photostore_http.admin_audit import AdminAuditController
from photostore_http.admin_jobs import AdminJobController
from photostore_http.admin_storage import AdminStorageController
from photostore_http.admin_users import AdminUserController
from photostore_http.album_archives import AlbumArchiveController
from photostore_http.album_members import AlbumMemberController
from photostore_http.album_photos import AlbumPhotoController
from photostore_http.albums import AlbumController
from photostore_http.api_keys import ApiKeyController
from photostore_http.archives import Archives
from photostore_http.auth import SignInController
from photostore_http.authentication import client_address
from photostore_http.blobs import BlobController
from photostore_http.change_documents import ChangeDocuments
from photostore_http.changes import ChangeController
from photostore_http.clean_files import CleanFiles
from photostore_http.documentation import DOCUMENTATION, openapi_config
from photostore_http.duplicates import DuplicateController
from photostore_http.event_streams.hub import EventStreams
from photostore_http.event_streams.measures import StreamMetrics, StreamTimes
from photostore_http.events import EventController
from photostore_http.exposure import ExposureController
from photostore_http.forms import FormLimits
from photostore_http.gallery.answers import ContentPolicy
from photostore_http.gallery.controller import GALLERY
from photostore_http.given_photos import PhotoGiver
from photostore_http.hashtags import HashtagController
from photostore_http.idempotency import REPLAYED, prepared
from photostore_http.media import MediaController
from photostore_http.operations import OPERATIONS, ReadinessProbe
from photostore_http.photo_archives import PhotoArchiveController
from photostore_http.photo_batches import PhotoBatchController
from photostore_http.photo_files import PhotoFileController
from photostore_http.photos import PhotoController
from photostore_http.problems import on_fault, on_http_exception, on_refusal, request_id_of
from photostore_http.public import PublicController
from photostore_http.public_archives import PublicArchiveController
from photostore_http.public_files import PublicFileController
from photostore_http.public_selection import PublicSelectionController
from photostore_http.public_uploads import PublicUploadController
from photostore_http.renditions import RenditionController
from photostore_http.request_scope import in_request_scope
from photostore_http.requests import StrictRequest
from photostore_http.sessions import SessionController
from photostore_http.settings import HttpSettings
from photostore_http.share_link_documents import ShareLinkDocuments
from photostore_http.share_links import ShareLinkController
from photostore_http.share_selections import ShareSelectionController
from photostore_http.shared_photos import SharedPhotos
from photostore_http.storage import StorageController
from photostore_http.submissions import SubmissionController
from photostore_http.trash import TrashController
from photostore_http.tus import TusController, tell_abilities
from photostore_http.tus_headers import EXPOSED as EXPOSED_BY_TUS
from photostore_http.uploads import UploadController
from photostore_http.uppy import UppyController
from photostore_http.webhook_deliveries import WebhookDeliveryController
from photostore_http.webhooks import WebhookController

API = "/api/v1"
EVENTS = f"{API}{EventController.path}"
_BYTE_ROUTES = [
    "^/media/",
    "^/blobs/",
    "/file$",
    "/renditions/[^/]*$",
    "/image$",
    "/archive$",
    "/events$",
    "^/(docs|gallery)/assets/",
]
_EXPOSED = [
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "X-Request-Id",
    "RateLimit",
    "RateLimit-Policy",
    "Content-Disposition",
    "Content-Range",
    REPLAYED,
    "Repr-Digest",
    *EXPOSED_BY_TUS,
]


class HttpProvider(LitestarProvider):
    """What the HTTP door itself adds to the container."""

    settings = from_context(HttpSettings, scope=Scope.APP)
    form_limits = from_context(FormLimits, scope=Scope.APP)
    stream_times = from_context(StreamTimes, scope=Scope.APP)

    @provide(scope=Scope.APP)
    async def event_streams(
        self,
        signal: ChangeSignal,
        changes: ChangeQueries,
        documents: ChangeDocuments,
        credentials: LiveCredentials,
        clock: Clock,
        places: Places,
        times: StreamTimes,
        metrics: StreamMetrics,
    ) -> AsyncIterator[EventStreams]:
        streams = EventStreams(signal, changes, documents, credentials, clock, places, times, metrics)
        yield streams
        await streams.aclose()

    @provide(scope=Scope.APP)
    def readiness(self, checks: Sequence[HealthCheck]) -> ReadinessProbe:
        return ReadinessProbe(checks)

    change_documents = provide(ChangeDocuments, scope=Scope.APP)
    clean_files = provide(CleanFiles, scope=Scope.APP)
    archives = provide(Archives, scope=Scope.REQUEST)

    @provide(scope=Scope.REQUEST)
    def actor(self, request: Request) -> Actor:  # type: ignore[type-arg]
        """Who asks; a guard has found out before."""
        actor: Actor = request.scope["state"]["actor"]
        return actor

    @provide(scope=Scope.REQUEST)
    def origin(self, request: Request, actor: Actor) -> Origin:  # type: ignore[type-arg]
        """Who acts, and from where."""
        user_agent = request.headers.get("user-agent")
        return Origin(
            user_id=actor.user_id,
            ip_address=client_address(request),
            user_agent=None if user_agent is None else user_agent[:500],
            request_id=request_id_of(request)[:200],
        )

    content_policy = provide(ContentPolicy, scope=Scope.APP)
    photo_giver = provide(PhotoGiver, scope=Scope.REQUEST)
    share_link_documents = provide(ShareLinkDocuments, scope=Scope.APP)

    @provide(scope=Scope.REQUEST)
    def share(self, request: Request) -> Share:  # type: ignore[type-arg]
        """What a visitor was let into; a guard has asked the gate before."""
        share: Share = request.scope["state"]["share"]
        return share

    @provide(scope=Scope.REQUEST)
    def shared_photos(
        self,
        request: Request,  # type: ignore[type-arg]
        share: Share,
        urls: MediaUrls,
        file_urls: ShareFileUrls,
        settings: HttpSettings,
    ) -> SharedPhotos:
        return SharedPhotos(share, request.path_params["token"], urls, file_urls, settings.base_url)


def create_app(container: AsyncContainer, settings: HttpSettings) -> Litestar:
    """All routes. What surrounds them is `Observed`."""
    api = Router(
        API,
        route_handlers=[
            SignInController,
            AccountController,
            SessionController,
            ApiKeyController,
            PhotoController,
            UploadController,
            tell_abilities,
            TusController,
            UppyController,
            PhotoFileController,
            RenditionController,
            DuplicateController,
            ChangeController,
            WebhookController,
            WebhookDeliveryController,
            EventController,
            AlbumController,
            AlbumPhotoController,
            AlbumMemberController,
            HashtagController,
            PhotoBatchController,
            PhotoArchiveController,
            AlbumArchiveController,
            PublicArchiveController,
            TrashController,
            StorageController,
            ExposureController,
            ShareLinkController,
            PublicController,
            PublicFileController,
            PublicUploadController,
            PublicSelectionController,
            SubmissionController,
            ShareSelectionController,
            AdminStorageController,
            AdminUserController,
            AdminJobController,
            AdminAuditController,
        ],
    )
    handlers: dict[Any, Any] = {
        PhotostoreError: on_refusal,
        HTTPException: on_http_exception,
        Exception: on_fault,
    }
    app = Litestar(
        route_handlers=[api, BlobController, MediaController, *OPERATIONS, *DOCUMENTATION, *GALLERY],
        before_request=prepared,
        exception_handlers=handlers,
        request_class=StrictRequest,
        request_max_body_size=settings.max_json_bytes,
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=1, minimum_size=1024, exclude=_BYTE_ROUTES
        ),
        cors_config=_cors(settings),
        openapi_config=openapi_config(settings),
        logging_config=None,
    )
    _forget_options(app.asgi_router.root_route_map_node)
    app.state.dishka_container = container
    app.asgi_handler = in_request_scope(app.asgi_handler, app)
    return app


def _forget_options(node: Any) -> None:
    """Litestar's own answer to OPTIONS leaves methods out; a 405 tells them all. Preflights are answered before."""
    found = node.asgi_handlers.get("OPTIONS")
    if found is not None and not found[1].opt.get("answers_options"):
        del node.asgi_handlers["OPTIONS"]
    for child in node.children.values():
        _forget_options(child)


def _cors(settings: HttpSettings) -> CORSConfig | None:
    if not settings.cors_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_credentials=settings.cors_credentials,
        expose_headers=_EXPOSED,
    )

"""`/uploads`: photos that go straight to the blob store."""

from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Struct

from photostore.hashtag.errors import NotAHashtag
from photostore.photo.errors import PhotoInvalid, PhotoNotFound, PreviouslyDeleted
from photostore.photo.queries import PhotoQueries
from photostore.quota.errors import QuotaExceeded
from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate, FieldError, PhotostoreError, PreconditionFailed
from photostore.shared.ids import UploadId, UserId
from photostore.shared.media import MediaUrls
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.commands.complete_direct_upload import CompleteDirectUpload
from photostore.upload.commands.complete_upload import Uploaded
from photostore.upload.commands.show_upload import ShowUpload
from photostore.upload.commands.start_direct_upload import StartDirectUpload
from photostore.upload.errors import (
    ChecksumMismatch,
    UploadBeingCompleted,
    UploadEnded,
    UploadIncomplete,
    UploadInvalid,
    UploadNoPicture,
    UploadNotFound,
    UploadTooLarge,
)
from photostore.upload.pictures import UnsupportedImage
from photostore.upload.queries import UploadQueries
from photostore.upload.upload import Upload as UploadAggregate
from photostore.upload.upload import UploadState
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.conditions import etag, expected_version, names_tag, refuses_deleted
from photostore_http.declaring import ETAG, LINK, LOCATION, UNCHANGED
from photostore_http.digests import REPR_DIGEST, told_sha256
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    Page,
    decode_cursor,
    page_of,
)
from photostore_http.photo_responses import Photo, photo_of, view_of_uploaded
from photostore_http.problem_specs import refusals
from photostore_http.problems import problem_of
from photostore_http.routing import delete, get, post
from photostore_http.upload_documents import (
    StartedUpload,
    StartedUploads,
    StartUploadRequest,
    StartUploadsRequest,
    Upload,
    announced,
    asked,
    tag_of,
    upload_of,
)

AnyRequest = Request[Any, Any, Any]
Id = Annotated[UUID, PathParameter(description="The upload's id.")]
State = Annotated[UploadState | None, QueryParameter(name="state", description="Those in this state alone.")]

_MOST = 100
_READ = refusals(InvalidToken, InsufficientScope)
_ONE = (InvalidToken, InsufficientScope, UploadNotFound)
_START = (
    UploadTooLarge,
    UnsupportedImage,
    UploadInvalid,
    PhotoInvalid,
    NotAHashtag,
    QuotaExceeded,
    PreviouslyDeleted,
    BlobStoreUnavailable,
    BadParameter,
)


class _Cursor(Struct, array_like=True, frozen=True):
    id: UUID


class UploadController(Controller):
    path = "/uploads"
    tags = ("uploads",)
    guards = (holding(Scope.PHOTOS_WRITE),)

    @post(
        operation_id="StartUpload",
        response_headers=[LOCATION, ETAG],
        responses={
            200: ResponseSpec(
                Upload, description="The owner has these bytes already: see `photo`.", generate_examples=False
            ),
            **refusals(InvalidToken, InsufficientScope, *_START),
        },
    )
    @inject
    async def start(
        self,
        request: AnyRequest,
        data: JSONBody[StartUploadRequest],
        actor: FromDishka[Actor],
        start_upload: FromDishka[StartDirectUpload],
        show_upload: FromDishka[ShowUpload],
        photos: FromDishka[PhotoQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> Response[Upload]:
        """Announce a file, and be told where its parts go. Its size is set aside of the quota until the upload ends."""
        file = announced(data, refuse_deleted=refuses_deleted(request), sha256=told_sha256(request, REPR_DIGEST))
        upload = await start_upload(actor=actor.user_id, file=file, in_parts_of=data.part_bytes)
        shown = show_upload.of_new(upload)
        document = upload_of(upload, shown, await _photo_of(upload, actor.user_id, photos, urls, clock))
        headers = {"Location": f"/api/v1/uploads/{upload.id}", "ETag": tag_of(upload, shown)}
        return Response(document, status_code=201 if upload.is_open else 200, headers=headers)

    @post(
        "/batch",
        operation_id="StartUploads",
        responses=refusals(InvalidToken, InsufficientScope, UploadInvalid, BadParameter),
    )
    @inject
    async def start_many(
        self,
        request: AnyRequest,
        data: JSONBody[StartUploadsRequest],
        actor: FromDishka[Actor],
        start_upload: FromDishka[StartDirectUpload],
        show_upload: FromDishka[ShowUpload],
        photos: FromDishka[PhotoQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> StartedUploads:
        """Announce up to 100 files. Each is begun or refused by itself, in their order."""
        if not 1 <= len(data.uploads) <= _MOST:
            errors = [FieldError("uploads", f"must be 1 to {_MOST}")]
            raise UploadInvalid("The number of uploads is out of bounds.", errors=errors)
        results: list[StartedUpload] = []
        refuse_deleted = refuses_deleted(request)
        for each in data.uploads:
            try:
                one = asked(each)
                file = announced(one, refuse_deleted=refuse_deleted)
                upload = await start_upload(actor=actor.user_id, file=file, in_parts_of=one.part_bytes)
                photo = await _photo_of(upload, actor.user_id, photos, urls, clock)
            except PhotostoreError as refusal:
                problem = problem_of(request, refusal)
                results.append(StartedUpload(status=problem.status, upload=None, problem=problem))
                continue
            document = upload_of(upload, show_upload.of_new(upload), photo)
            results.append(StartedUpload(status=201 if upload.is_open else 200, upload=document, problem=None))
        # The request itself was not refused.
        request.scope.pop("problem", None)  # type: ignore[typeddict-item]
        return StartedUploads(results=results)

    @get(
        operation_id="ListUploads",
        response_headers=[LINK],
        responses={**_READ, **refusals(BadCursor, BadParameter)},
    )
    @inject
    async def list_uploads(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        uploads: FromDishka[UploadQueries],
        in_state: State = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[Upload]]:
        """The caller's uploads through every door, the newest first, without their parts. Ended ones stay for a week."""
        position = decode_cursor(cursor, _Cursor)
        after = None if position is None else UploadId(position.id)
        found = await uploads.list(actor.user_id, state=in_state, after=after, limit=limit + 1)
        items = [upload_of(upload) for upload in found]
        return page_of(request, items, limit=limit, position=lambda item: _Cursor(item.id))

    @get(
        "/{upload_id:uuid}",
        operation_id="GetUpload",
        response_headers=[ETAG],
        responses={304: UNCHANGED, **refusals(*_ONE, BlobStoreUnavailable)},
    )
    @inject
    async def get_one(
        self,
        request: AnyRequest,
        upload_id: Id,
        actor: FromDishka[Actor],
        show_upload: FromDishka[ShowUpload],
        photos: FromDishka[PhotoQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> Response[Upload]:
        """What has arrived, as the store tells it, and fresh URLs for the rest: this is how one resumes."""
        upload, shown = await show_upload(actor=actor.user_id, upload_id=UploadId(upload_id))
        headers = {"ETag": tag_of(upload, shown)}
        if names_tag(request, headers["ETag"]):
            return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
        photo = await _photo_of(upload, actor.user_id, photos, urls, clock)
        return Response(upload_of(upload, shown, photo), headers=headers)

    @post(
        "/{upload_id:uuid}/complete",
        operation_id="CompleteUpload",
        opt={"door": "direct"},
        response_headers=[LOCATION, ETAG],
        responses={
            200: ResponseSpec(Photo, description="The owner had these bytes before.", generate_examples=False),
            **refusals(
                *_ONE,
                UploadIncomplete,
                UploadBeingCompleted,
                UploadEnded,
                ConcurrentUpdate,
                UnsupportedImage,
                UploadNoPicture,
                ChecksumMismatch,
                PreviouslyDeleted,
                QuotaExceeded,
                BlobStoreUnavailable,
            ),
        },
    )
    @inject
    async def complete(
        self,
        request: AnyRequest,
        upload_id: Id,
        actor: FromDishka[Actor],
        complete_upload: FromDishka[CompleteDirectUpload],
        photos: FromDishka[PhotoQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> Response[Photo]:
        """All parts were sent: have them looked at, and make the photo. Said again it answers the same."""
        uploaded = await complete_upload(actor=actor.user_id, upload_id=UploadId(upload_id))
        view = await view_of_uploaded(uploaded, photos, owner=actor.user_id)
        photo = photo_of(view, urls, urls.expiry(clock.now()), duplicate=uploaded.duplicate)
        count(request, uploaded, view.byte_size)
        headers = {"Location": f"/api/v1/photos/{view.id}", "ETag": etag(view.version)}
        return Response(photo, status_code=200 if uploaded.duplicate else 201, headers=headers)

    @delete(
        "/{upload_id:uuid}",
        operation_id="AbortUpload",
        responses=refusals(*_ONE, UploadEnded, PreconditionFailed, ConcurrentUpdate),
    )
    @inject
    async def abort(
        self, request: AnyRequest, upload_id: Id, actor: FromDishka[Actor], abort_upload: FromDishka[AbortUpload]
    ) -> None:
        """Take it back: what was set aside is given back, what arrived is removed. One that has become a photo stays."""
        await abort_upload(
            actor=actor.user_id, upload_id=UploadId(upload_id), expected_version=expected_version(request)
        )


def count(request: AnyRequest, uploaded: Uploaded, byte_size: int) -> None:
    """Tell the metrics what became of an upload."""
    told: dict[str, Any] = {"uploaded_bytes": 0 if uploaded.duplicate or uploaded.repeated else byte_size}
    if uploaded.repeated:
        told["upload_outcome"] = "repeated"
    request.scope.update(told)  # type: ignore[typeddict-item]


async def _photo_of(
    upload: UploadAggregate, owner: UserId, photos: PhotoQueries, urls: MediaUrls, clock: Clock
) -> Photo | None:
    """What has become of it, if it is still there."""
    if upload.photo_id is None:
        return None
    try:
        view = await photos.get(upload.photo_id, owner=owner)
    except PhotoNotFound:
        return None
    return photo_of(view, urls, urls.expiry(clock.now()), duplicate=view.blob_key != upload.blob_key)

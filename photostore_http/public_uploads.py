"""`POST /public/{token}/photos` and `/public/{token}/uploads`: what guests send for the album of a link."""

from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import JSONBody, PathParameter

from photostore.photo.errors import PhotoInvalid, PhotoNotFound
from photostore.share_link.errors import ShareUploadsUsedUp
from photostore.share_link.gate import Share
from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate, PreconditionFailed
from photostore.shared.ids import PhotoId, SubmissionId, UploadId
from photostore.submission.commands.read_submission import ReadSubmission
from photostore.submission.errors import ShareOutOfSpace, SubmissionInvalid
from photostore.upload.commands.abort_guest_upload import AbortGuestUpload
from photostore.upload.commands.complete_guest_upload import CompleteGuestUpload
from photostore.upload.commands.show_guest_upload import ShowGuestUpload
from photostore.upload.commands.show_upload import ShowUpload
from photostore.upload.commands.start_guest_upload import StartGuestUpload
from photostore.upload.commands.upload_guest_form import UploadGuestForm
from photostore.upload.errors import (
    ChecksumMismatch,
    UploadBeingCompleted,
    UploadEnded,
    UploadIncomplete,
    UploadInterrupted,
    UploadInvalid,
    UploadNoPicture,
    UploadNotFound,
    UploadStalled,
    UploadTooLarge,
)
from photostore.upload.form import GUEST_FIELDS
from photostore.upload.pictures import UnsupportedImage
from photostore.upload.upload import Upload as UploadAggregate
from photostore_http.conditions import expected_version, names_tag
from photostore_http.declaring import ETAG, LOCATION, UNCHANGED, GuestFormOperation
from photostore_http.digests import REPR_DIGEST, told_sha256
from photostore_http.forms import FormLimits, FormReader, NotAForm
from photostore_http.paging import BadParameter
from photostore_http.problem_specs import refusals
from photostore_http.public import Token
from photostore_http.public_upload_documents import (
    PublicUpload,
    StartPublicUploadRequest,
    announced_by_guest,
    public_upload_of,
)
from photostore_http.routing import delete, get, post
from photostore_http.share_gate import GATE, WRITES, entered, entered_to_write
from photostore_http.shared_photos import PublicPhoto, SharedPhotos
from photostore_http.upload_documents import tag_of

AnyRequest = Request[Any, Any, Any]
_Id = Annotated[UUID, PathParameter(description="The upload's id.")]
_SENDS = (
    *WRITES,
    ShareUploadsUsedUp,
    UploadTooLarge,
    UnsupportedImage,
    UploadInvalid,
    PhotoInvalid,
    SubmissionInvalid,
    ShareOutOfSpace,
    BlobStoreUnavailable,
    BadParameter,
)


class PublicUploadController(Controller):
    path = "/public/{token:str}"
    tags = ("shares",)
    security = [{}, {"share": []}]  # noqa: RUF012 - Litestar reads it so

    @post(
        "/photos",
        operation_id="UploadPublicPhoto",
        guards=[entered_to_write],
        request_max_body_size=None,
        opt={"door": "form", "body": "form", "fields": GUEST_FIELDS},
        operation_class=GuestFormOperation,
        response_headers=[LOCATION],
        responses=refusals(*_SENDS, NotAForm, UploadInterrupted, UploadStalled, ChecksumMismatch, ConcurrentUpdate),
    )
    @inject
    async def upload(
        self,
        request: AnyRequest,
        token: Token,
        share: FromDishka[Share],
        upload_form: FromDishka[UploadGuestForm],
        limits: FromDishka[FormLimits],
        read_submission: FromDishka[ReadSubmission],
        shown: FromDishka[SharedPhotos],
        clock: FromDishka[Clock],
    ) -> Response[PublicPhoto]:
        """Send a picture as a form, for the album of the link and charged to its owner. The answer is the same whether the
        owner had it before or not; ask for it by its `id` to see what becomes of it."""
        digest = told_sha256(request, REPR_DIGEST)
        sent = await upload_form(share=share, form=FormReader(request, limits), sha256=digest)
        return await _sent(request, share, sent, read_submission, shown, clock)

    @post(
        "/uploads",
        operation_id="StartPublicUpload",
        guards=[entered_to_write],
        response_headers=[LOCATION, ETAG],
        responses=refusals(*_SENDS),
    )
    @inject
    async def start(
        self,
        request: AnyRequest,
        token: Token,
        data: JSONBody[StartPublicUploadRequest],
        share: FromDishka[Share],
        start_upload: FromDishka[StartGuestUpload],
        show_upload: FromDishka[ShowUpload],
    ) -> Response[PublicUpload]:
        """As `POST /uploads`, for the album of the link. All bytes are sent, also those that the owner has already."""
        file = announced_by_guest(data, sha256=told_sha256(request, REPR_DIGEST))
        upload = await start_upload(share=share, file=file, guest_name=data.guest_name, in_parts_of=data.part_bytes)
        parts = show_upload.of_new(upload)
        headers = {"Location": f"{_below(request, 'uploads')}/{upload.id}", "ETag": tag_of(upload, parts)}
        return Response(public_upload_of(upload, parts), status_code=201, headers=headers)

    @get(
        "/uploads/{upload_id:uuid}",
        operation_id="GetPublicUpload",
        guards=[entered],
        response_headers=[ETAG],
        responses={304: UNCHANGED, **refusals(*GATE, UploadNotFound, BlobStoreUnavailable)},
    )
    @inject
    async def get_one(
        self,
        request: AnyRequest,
        token: Token,
        upload_id: _Id,
        share: FromDishka[Share],
        show_upload: FromDishka[ShowGuestUpload],
        read_submission: FromDishka[ReadSubmission],
        shown: FromDishka[SharedPhotos],
        clock: FromDishka[Clock],
    ) -> Response[PublicUpload]:
        """What has arrived, and fresh URLs for the rest. An upload belongs to the link that it began through."""
        upload, parts = await show_upload(share=share, upload_id=UploadId(upload_id))
        headers = {"ETag": tag_of(upload, parts)}
        if names_tag(request, headers["ETag"]):
            return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
        photo = await _photo_of(upload, share, read_submission, shown, clock)
        return Response(public_upload_of(upload, parts, photo), headers=headers)

    @post(
        "/uploads/{upload_id:uuid}/complete",
        operation_id="CompletePublicUpload",
        guards=[entered_to_write],
        opt={"door": "direct"},
        response_headers=[LOCATION],
        responses=refusals(
            *WRITES,
            ShareUploadsUsedUp,
            UploadNotFound,
            PhotoNotFound,
            UploadIncomplete,
            UploadBeingCompleted,
            UploadEnded,
            ConcurrentUpdate,
            UploadNoPicture,
            ChecksumMismatch,
            ShareOutOfSpace,
            BlobStoreUnavailable,
        ),
    )
    @inject
    async def complete(
        self,
        request: AnyRequest,
        token: Token,
        upload_id: _Id,
        share: FromDishka[Share],
        complete_upload: FromDishka[CompleteGuestUpload],
        read_submission: FromDishka[ReadSubmission],
        shown: FromDishka[SharedPhotos],
        clock: FromDishka[Clock],
    ) -> Response[PublicPhoto]:
        """All parts were sent: have them looked at. Said again it answers the same. The link is asked again, too."""
        sent = await complete_upload(share=share, upload_id=UploadId(upload_id))
        return await _sent(request, share, sent, read_submission, shown, clock)

    @delete(
        "/uploads/{upload_id:uuid}",
        operation_id="AbortPublicUpload",
        guards=[entered_to_write],
        responses=refusals(*WRITES, UploadNotFound, UploadEnded, PreconditionFailed, ConcurrentUpdate),
    )
    @inject
    async def abort(
        self,
        request: AnyRequest,
        token: Token,
        upload_id: _Id,
        share: FromDishka[Share],
        abort_upload: FromDishka[AbortGuestUpload],
    ) -> None:
        """Take it back: what arrived is removed. One that has become a photo stays."""
        await abort_upload(share=share, upload_id=UploadId(upload_id), expected_version=expected_version(request))


async def _sent(
    request: AnyRequest,
    share: Share,
    submission_id: SubmissionId,
    read_submission: ReadSubmission,
    shown: SharedPhotos,
    clock: Clock,
) -> Response[PublicPhoto]:
    view = await read_submission.as_sent(share, submission_id)
    request.scope["uploaded_bytes"] = view.byte_size  # type: ignore[typeddict-unknown-key]
    headers = {"Location": f"{_below(request, 'photos')}/{submission_id}"}
    return Response(shown.all([view], clock.now())[0], status_code=201, headers=headers)


async def _photo_of(
    upload: UploadAggregate, share: Share, read_submission: ReadSubmission, shown: SharedPhotos, clock: Clock
) -> PublicPhoto | None:
    """What has become of it, if it is still there."""
    guest = upload.details.guest
    if upload.photo_id is None or guest is None:
        return None
    try:
        view = await read_submission(share, PhotoId(guest.submission_id))
    except PhotoNotFound:
        return None
    return shown.all([view], clock.now())[0]


def _below(request: AnyRequest, rest: str) -> str:
    return f"/api/v1/public/{request.path_params['token']}/{rest}"

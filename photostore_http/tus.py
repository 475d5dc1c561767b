"""`/uploads/tus`: photos that come piece by piece, by the tus protocol, and go on wherever they broke off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Response
from litestar.params import PathParameter

from photostore.hashtag.errors import NotAHashtag
from photostore.photo.details import clean_filename
from photostore.photo.errors import PhotoInvalid, PreviouslyDeleted
from photostore.quota.errors import QuotaExceeded
from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import UploadId
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.commands.receive_bytes import Piece, Receipt, ReceiveBytes
from photostore.upload.commands.show_resumable_upload import ShowResumableUpload
from photostore.upload.commands.start_resumable_upload import StartResumableUpload
from photostore.upload.details import UploadDetails, digest_agreed
from photostore.upload.errors import (
    ChecksumMismatch,
    PieceChecksumMismatch,
    UploadBusy,
    UploadChecksumInvalid,
    UploadEnded,
    UploadHoldLost,
    UploadInterrupted,
    UploadInvalid,
    UploadLengthInvalid,
    UploadMetadataInvalid,
    UploadNotFound,
    UploadOffsetMismatch,
    UploadStalled,
    UploadTooLarge,
)
from photostore.upload.form import FIELDS, upload_details
from photostore.upload.limits import UploadLimits
from photostore.upload.pictures import UnsupportedImage
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.conditions import refuses_deleted
from photostore_http.declaring import LOCATION
from photostore_http.digests import CONTENT_DIGEST, REPR_DIGEST, told_sha256
from photostore_http.paging import BadParameter
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get, options, patch, post
from photostore_http.tus_documents import (
    DEFERRED,
    EXPIRES,
    LENGTH,
    METADATA,
    OFFSET,
    PHOTO,
    SPOKEN,
    CreationOperation,
    PieceOperation,
    TusOperation,
)
from photostore_http.tus_headers import (
    ALGORITHM,
    EXTENSIONS,
    VERSION,
    AnyRequest,
    PieceTypeUnsupported,
    TusAnswers,
    TusVersionUnsupported,
    demand_piece,
    description,
    digest_told,
    has_body,
    length_told,
    metadata_of,
    number_of,
    pieces,
    progress,
    speaks_tus,
)

PATH = "/uploads/tus"
Id = Annotated[UUID, PathParameter(description="The upload's id.")]

_ALL = (InvalidToken, InsufficientScope, TusVersionUnsupported)
_ONE = (*_ALL, UploadNotFound)
_AT_THE_END = (
    UnsupportedImage,
    ChecksumMismatch,
    PreviouslyDeleted,
    QuotaExceeded,
    BlobStoreUnavailable,
    ConcurrentUpdate,
    UploadBusy,
)
_PIECE = (
    UploadLengthInvalid,
    UploadChecksumInvalid,
    PieceTypeUnsupported,
    PieceChecksumMismatch,
    UploadInterrupted,
    UploadStalled,
    UploadTooLarge,
    UploadHoldLost,
    *_AT_THE_END,
)


@options(
    PATH,
    operation_id="TellTusAbilities",
    tags=["uploads"],
    security=[{}],
    status_code=204,
    middleware=[TusAnswers],
    response_headers=[SPOKEN],
)
@inject
async def tell_abilities(limits: FromDishka[UploadLimits]) -> Response[None]:
    """What of tus is spoken here: `Tus-Version`, `Tus-Extension`, `Tus-Checksum-Algorithm`, and at most how many bytes."""
    told = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Checksum-Algorithm": ALGORITHM}
    return Response(None, status_code=204, headers={**told, "Tus-Max-Size": str(limits.max_bytes)})


class TusController(Controller):
    path = PATH
    tags = ("uploads",)
    guards = (holding(Scope.PHOTOS_WRITE), speaks_tus)
    middleware = (TusAnswers,)

    @post(
        operation_id="StartTusUpload",
        operation_class=CreationOperation,
        request_max_body_size=None,
        opt={"door": "tus", "body": "tus"},
        response_headers=[SPOKEN, LOCATION, OFFSET, EXPIRES, PHOTO],
        responses=refusals(
            *_ALL,
            UploadMetadataInvalid,
            UploadInvalid,
            PhotoInvalid,
            NotAHashtag,
            BadParameter,
            *_PIECE,
        ),
    )
    @inject
    async def start(
        self, request: AnyRequest, actor: FromDishka[Actor], start_upload: FromDishka[StartResumableUpload]
    ) -> Response[None]:
        """Begin an upload; its first bytes may come along. With `sha256` of a photo that the owner has it is complete."""
        metadata = metadata_of(request)
        texts = {name: metadata[name].decode(errors="replace") for name in metadata}
        byte_size = length_told(request)
        receipt = await start_upload(
            actor=actor.user_id,
            filename=clean_filename(texts.get("filename") or texts.get("name")),
            content_type=texts.get("filetype") or texts.get("type") or "application/octet-stream",
            byte_size=byte_size,
            details=_details(request, {name: text for name, text in texts.items() if name in FIELDS}),
            metadata=request.headers.get("upload-metadata"),
            piece=_piece(request, 0, None) if has_body(request) else None,
        )
        _note(request, receipt)
        headers = {"Location": f"/api/v1{PATH}/{receipt.upload.id}", **progress(receipt)}
        return _empty(201, headers)

    @get(
        "/{upload_id:uuid}",
        operation_id="LookAtTusUpload",
        operation_class=TusOperation,
        response_headers=[SPOKEN, OFFSET, LENGTH, DEFERRED, METADATA, EXPIRES, PHOTO],
        responses=refusals(*_ONE, *_AT_THE_END),
    )
    @inject
    async def look(
        self, upload_id: Id, actor: FromDishka[Actor], show_upload: FromDishka[ShowResumableUpload]
    ) -> Response[None]:
        """How far it has come, told in headers: ask it by HEAD. One whose bytes are all there becomes its photo now."""
        receipt = await show_upload(actor=actor.user_id, upload_id=UploadId(upload_id))
        return _empty(200, {**progress(receipt), **description(receipt)})

    @patch(
        "/{upload_id:uuid}",
        operation_id="SendTusPiece",
        operation_class=PieceOperation,
        status_code=204,
        request_max_body_size=None,
        opt={"door": "tus", "body": "stream"},
        response_headers=[SPOKEN, OFFSET, EXPIRES, PHOTO],
        responses=refusals(*_ONE, UploadOffsetMismatch, *_PIECE),
    )
    @inject
    async def send(
        self, request: AnyRequest, upload_id: Id, actor: FromDishka[Actor], receive_bytes: FromDishka[ReceiveBytes]
    ) -> Response[None]:
        """The next bytes. What broke off is kept as far as it came; the last byte makes the photo."""
        offset = number_of(request, "upload-offset")
        if offset is None:
            raise UploadLengthInvalid("Upload-Offset tells where the bytes begin.")
        piece = _piece(request, offset, number_of(request, "upload-length"))
        receipt = await receive_bytes(actor=actor.user_id, upload_id=UploadId(upload_id), piece=piece)
        _note(request, receipt)
        return Response(None, status_code=204, headers=progress(receipt))

    @delete(
        "/{upload_id:uuid}",
        operation_id="AbortTusUpload",
        operation_class=TusOperation,
        response_headers=[SPOKEN],
        responses=refusals(*_ONE, UploadEnded, ConcurrentUpdate),
    )
    @inject
    async def abort(self, upload_id: Id, actor: FromDishka[Actor], abort_upload: FromDishka[AbortUpload]) -> None:
        """Take it back: what was set aside is given back, what arrived is removed. One that has become a photo stays."""
        await abort_upload(actor=actor.user_id, upload_id=UploadId(upload_id))


def _details(request: AnyRequest, fields: Mapping[str, str]) -> UploadDetails:
    """What the metadata say, and headers beside them."""
    details = upload_details(fields)
    sha256 = digest_agreed(details.sha256, told_sha256(request, REPR_DIGEST))
    return replace(details, sha256=sha256, refuse_deleted=refuses_deleted(request))


def _piece(request: AnyRequest, offset: int, byte_size: int | None) -> Piece:
    demand_piece(request)
    return Piece(
        offset=offset,
        chunks=pieces(request),
        at_most=number_of(request, "content-length"),
        byte_size=byte_size,
        sha256=digest_told(request) or told_sha256(request, CONTENT_DIGEST),
    )


def _empty(status: int, headers: Mapping[str, str]) -> Response[None]:
    """Not even the JSON of nothing."""
    return Response(b"", status_code=status, headers=headers, media_type="text/plain")  # type: ignore[arg-type]


def _note(request: AnyRequest, receipt: Receipt) -> None:
    """For the metrics: what has become of the upload, if it has come to its end."""
    uploaded, told = receipt.uploaded, dict[str, Any]()
    if uploaded is None:
        told["upload_goes_on"] = True
    elif uploaded.repeated or uploaded.duplicate:
        told["upload_outcome"] = "repeated" if uploaded.repeated else "duplicate"
    else:
        told |= {"upload_outcome": "created", "uploaded_bytes": receipt.received_bytes}
    request.scope.update(told)  # type: ignore[typeddict-item]

"""`/uploads/uppy`: uploads straight to the store as Uppy's aws-s3 plugin asks for them, which is as it would ask S3.

The plugin signs nothing by itself: the `signRequest` of its page begins the upload (`POST /uploads`) and leads each request
here, but the parts, which go to the store. So the key and the id of S3's multipart upload are both our upload's id, and
the answers are S3's documents.
"""

from typing import Annotated, Any
from uuid import UUID
from xml.sax.saxutils import escape

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter
from msgspec import Struct

from photostore.photo.errors import PreviouslyDeleted
from photostore.photo.queries import PhotoQueries
from photostore.quota.errors import QuotaExceeded
from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import UploadId
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.commands.complete_direct_upload import CompleteDirectUpload
from photostore.upload.commands.show_upload import ShowUpload
from photostore.upload.errors import (
    ChecksumMismatch,
    PartNotFound,
    UploadBeingCompleted,
    UploadEnded,
    UploadIncomplete,
    UploadInvalid,
    UploadNoPicture,
    UploadNotFound,
)
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.declaring import LOCATION, XmlOperation
from photostore_http.photo_responses import view_of_uploaded
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get, post
from photostore_http.settings import HttpSettings
from photostore_http.uploads import count

_XML = "application/xml"
_ONE = (InvalidToken, InsufficientScope, UploadNotFound, UploadEnded)
_PARTS = (*_ONE, UploadInvalid)

Id = Annotated[UUID, PathParameter(description="The upload's id.")]
Number = Annotated[int, PathParameter(description="The part's number, from 1.")]


class SignedPart(Struct, frozen=True, kw_only=True):
    """Where one part goes, by PUT, for a client that tells its length by itself, as browsers do."""

    url: str


class UppyController(Controller):
    path = "/uploads/uppy/{upload_id:uuid}"
    tags = ("uploads",)
    guards = (holding(Scope.PHOTOS_WRITE),)

    @post(
        "/begin",
        operation_id="BeginUppyUpload",
        operation_class=XmlOperation,
        status_code=200,
        responses=refusals(*_PARTS, BlobStoreUnavailable),
    )
    @inject
    async def begin(
        self, upload_id: Id, actor: FromDishka[Actor], show_upload: FromDishka[ShowUpload]
    ) -> Response[str]:
        """What S3 answers when a multipart upload begins, of an upload that was announced in parts."""
        await show_upload.stored(actor=actor.user_id, upload_id=UploadId(upload_id))
        told = {"Key": str(upload_id), "UploadId": str(upload_id)}
        return _xml(_element("InitiateMultipartUploadResult", told))

    @get(operation_id="ListUppyParts", operation_class=XmlOperation, responses=refusals(*_PARTS, BlobStoreUnavailable))
    @inject
    async def parts(
        self, upload_id: Id, actor: FromDishka[Actor], show_upload: FromDishka[ShowUpload]
    ) -> Response[str]:
        """The parts that the store has: this is how Uppy resumes."""
        stored = await show_upload.stored(actor=actor.user_id, upload_id=UploadId(upload_id))
        listed = [
            _element("Part", {"PartNumber": str(each.number), "ETag": each.etag, "Size": str(each.byte_size)})
            for each in stored
        ]
        told = {"Key": str(upload_id), "UploadId": str(upload_id)}
        return _xml(_element("ListPartsResult", told, *listed))

    @get("/parts/{number:int}", operation_id="SignUppyPart", responses=refusals(*_PARTS, PartNotFound))
    @inject
    async def part(
        self, upload_id: Id, number: Number, actor: FromDishka[Actor], show_upload: FromDishka[ShowUpload]
    ) -> SignedPart:
        """A fresh URL for one part."""
        signed = await show_upload.part(actor=actor.user_id, upload_id=UploadId(upload_id), number=number)
        return SignedPart(url=signed.url)

    @post(
        operation_id="CompleteUppyUpload",
        operation_class=XmlOperation,
        opt={"door": "direct"},
        response_headers=[LOCATION],
        responses={
            200: ResponseSpec(str, description="The owner had these bytes before.", generate_examples=False),
            **refusals(
                *_ONE,
                UploadInvalid,
                UploadIncomplete,
                UploadBeingCompleted,
                ConcurrentUpdate,
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
        request: Request[Any, Any, Any],
        upload_id: Id,
        actor: FromDishka[Actor],
        complete_upload: FromDishka[CompleteDirectUpload],
        photos: FromDishka[PhotoQueries],
        settings: FromDishka[HttpSettings],
    ) -> Response[str]:
        """Make the photo: `Location` is its URL. What the body lists is not believed; the store is asked."""
        uploaded = await complete_upload(actor=actor.user_id, upload_id=UploadId(upload_id))
        view = await view_of_uploaded(uploaded, photos, owner=actor.user_id)
        count(request, uploaded, view.byte_size)
        path = f"/api/v1/photos/{view.id}"
        told = {"Location": settings.base_url.rstrip("/") + path, "Key": str(upload_id), "ETag": view.sha256.hex()}
        document = _element("CompleteMultipartUploadResult", told)
        return _xml(document, status_code=200 if uploaded.duplicate else 201, headers={"Location": path})

    @delete(operation_id="AbortUppyUpload", responses=refusals(*_ONE, ConcurrentUpdate))
    @inject
    async def abort(self, upload_id: Id, actor: FromDishka[Actor], abort_upload: FromDishka[AbortUpload]) -> None:
        """Take it back, as `DELETE /uploads/{id}` does."""
        await abort_upload(actor=actor.user_id, upload_id=UploadId(upload_id))


def _xml(document: str, **answered: Any) -> Response[str]:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{document}', media_type=_XML, **answered)


def _element(name: str, told: dict[str, str], *elements: str) -> str:
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in told.items())
    return f"<{name}>{inner}{''.join(elements)}</{name}>"

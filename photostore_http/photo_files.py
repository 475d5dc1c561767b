"""`/photos/{id}/file` and `/photos/{id}/download`: the original's bytes."""

from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter
from litestar.response import Redirect
from litestar.response.base import ASGIResponse

from photostore.photo.errors import PhotoNotFound, RenditionNotFound, RenditionPending
from photostore.photo.metadata_policy import MetadataPolicy
from photostore.photo.queries import PhotoQueries
from photostore.shared.blobs import BlobKey, BlobSigner, BlobStoreUnavailable
from photostore.shared.ids import PhotoId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.byte_responses import serve_bytes
from photostore_http.content_disposition import content_disposition
from photostore_http.declaring import CONTENT_TAG, REPR_DIGEST, UNCHANGED, BytesOperation
from photostore_http.digests import repr_digest
from photostore_http.given_photos import PhotoGiver
from photostore_http.paging import BadParameter
from photostore_http.problem_specs import RANGE_NOT_SATISFIABLE, refusals
from photostore_http.routing import get
from photostore_http.settings import HttpSettings

_Id = Annotated[UUID, PathParameter(description="The photo's id.")]
_Download = Annotated[bool, QueryParameter(description="`1`: as an attachment, to be saved.")]

_Metadata = Annotated[
    MetadataPolicy, QueryParameter(description="What stays of the metadata: `keep`, `no_location` or `none`.")
]

_PROBLEMS = refusals(InvalidToken, InsufficientScope, PhotoNotFound, BlobStoreUnavailable)


class PhotoFileController(Controller):
    path = "/photos/{photo_id:uuid}"
    tags = ("photos",)
    guards = (holding(Scope.PHOTOS_READ),)

    @get(
        "/file",
        operation_id="GetPhotoFile",
        operation_class=BytesOperation,
        response_headers=[CONTENT_TAG, REPR_DIGEST],
        responses={
            206: ResponseSpec(bytes, description="The range that was asked for.", generate_examples=False),
            304: UNCHANGED,
            **RANGE_NOT_SATISFIABLE,
            **_PROBLEMS,
            **refusals(PhotoNotFound, RenditionNotFound, RenditionPending, BadParameter),
        },
    )
    @inject
    async def file(
        self,
        request: Request[Any, Any, Any],
        photo_id: _Id,
        actor: FromDishka[Actor],
        photos: FromDishka[PhotoQueries],
        giver: FromDishka[PhotoGiver],
        download: _Download = False,
        metadata: _Metadata = MetadataPolicy.KEEP,
    ) -> ASGIResponse:
        """The original, whole or one range of it; `download=1` as an attachment.

        Without `metadata` it is as it was uploaded. `no_location` leaves out where it was taken, `none` all that is not
        needed to show it: losslessly for JPEG, PNG, WebP and GIF; of other formats the largest rendition is given instead.
        """
        photo = await photos.get(PhotoId(photo_id), owner=actor.user_id)
        shown = await giver.give(photo, metadata)
        return serve_bytes(
            request,
            lambda chosen: giver.open(shown, chosen),
            content_type=shown.content_type,
            etag=shown.etag,
            byte_size=shown.copy.byte_size,
            disposition=content_disposition("attachment" if download else "inline", shown.filename),
            cache_control="private, no-cache",
            last_modified=photo.created_at,
            headers=repr_digest(photo.sha256) if metadata is MetadataPolicy.KEEP else {},
        )

    @get("/download", operation_id="DownloadPhoto", status_code=307, responses=_PROBLEMS)
    @inject
    async def download(
        self,
        photo_id: _Id,
        actor: FromDishka[Actor],
        photos: FromDishka[PhotoQueries],
        signer: FromDishka[BlobSigner],
        settings: FromDishka[HttpSettings],
    ) -> Redirect:
        """To a short-lived URL of the blob store itself."""
        photo = await photos.get(PhotoId(photo_id), owner=actor.user_id)
        signed = signer.sign_get(
            BlobKey(photo.blob_key),
            expires_in=settings.download_seconds,
            content_type=photo.content_type,
            content_disposition=content_disposition("attachment", photo.filename),
        )
        return Redirect(signed.url, status_code=307, headers={"Cache-Control": "no-store"})

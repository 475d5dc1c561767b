"""`/photos/{id}/file` and `/photos/{id}/download`: the original's bytes."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter
from litestar.response import Redirect
from litestar.response.base import ASGIResponse

from photostore.photo.commands.request_image import RequestImage
from photostore.photo.errors import PhotoNotFound, RenditionNotFound, RenditionPending
from photostore.photo.metadata_policy import (
    CannotClean,
    CleanCopy,
    CopiedRange,
    MetadataPolicy,
    MetadataRemover,
    open_pieces,
)
from photostore.photo.picture import ImageFormat
from photostore.photo.queries import PhotoQueries, PhotoView
from photostore.photo.renditions import RenditionPolicy, demand_shown
from photostore.shared.blobs import BlobKey, BlobSigner, BlobStore, BlobStoreUnavailable
from photostore.shared.ids import PhotoId, UserId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.byte_responses import ByteRange, serve_bytes
from photostore_http.content_disposition import content_disposition
from photostore_http.declaring import CONTENT_TAG, REPR_DIGEST, UNCHANGED, BytesOperation
from photostore_http.digests import repr_digest
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """Bytes of a photo as they are given away: `copy` of what lies under `key`."""

    key: BlobKey
    content_type: str
    filename: str
    etag: str
    copy: CleanCopy


async def _cleaned(photo: PhotoView, remover: MetadataRemover, policy: MetadataPolicy) -> _Shown | None:
    """A lossless copy, where the format allows one."""
    key = BlobKey(photo.blob_key)
    try:
        copy = await remover.clean_copy(key, content_type=photo.content_type, byte_size=photo.byte_size, policy=policy)
    except CannotClean:
        return None
    etag = photo.sha256.hex() if policy is MetadataPolicy.KEEP else f"{photo.sha256.hex()}-{policy}-{remover.version}"
    return _Shown(key=key, content_type=photo.content_type, filename=photo.filename, etag=etag, copy=copy)


async def _instead(photo: PhotoView, policy: RenditionPolicy, request_image: RequestImage) -> _Shown:
    """The largest rendition, in the first of the formats; made now, when the photo has none yet."""
    demand_shown(photo)
    if photo.renditions:
        # Of several as large the first, which is of the first format.
        largest = max(photo.renditions, key=lambda each: each["width"] * each["height"])
        return _rendition(photo, BlobKey(largest["blob_key"]), largest["byte_size"], ImageFormat(largest["format"]))
    recipe = policy.recipe(max(policy.sizes, key=lambda name: policy.sizes[name]), policy.formats[0])
    made = await request_image(actor=UserId(photo.owner_id), photo_id=PhotoId(photo.id), recipe=recipe)
    return _rendition(photo, made.key, made.byte_size, recipe.format)


def _rendition(photo: PhotoView, key: BlobKey, byte_size: int, told_as: ImageFormat) -> _Shown:
    return _Shown(
        key=key,
        content_type=told_as.content_type,
        filename=f"{PurePosixPath(photo.filename).stem}.{told_as}",
        etag=key.rpartition("/")[2],
        copy=CleanCopy(pieces=(CopiedRange(0, byte_size),), byte_size=byte_size),
    )


def _opened(blobs: BlobStore, shown: _Shown, chosen: ByteRange) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    return open_pieces(blobs, shown.key, shown.copy.range(chosen.offset, chosen.length))


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
        blobs: FromDishka[BlobStore],
        remover: FromDishka[MetadataRemover],
        policy: FromDishka[RenditionPolicy],
        request_image: FromDishka[RequestImage],
        download: _Download = False,
        metadata: _Metadata = MetadataPolicy.KEEP,
    ) -> ASGIResponse:
        """The original, whole or one range of it; `download=1` as an attachment.

        Without `metadata` it is as it was uploaded. `no_location` leaves out where it was taken, `none` all that is not
        needed to show it: losslessly for JPEG, PNG, WebP and GIF; of other formats the largest rendition is given instead.
        """
        photo = await photos.get(PhotoId(photo_id), owner=actor.user_id)
        shown = await _cleaned(photo, remover, metadata)
        if shown is None:
            shown = await _instead(photo, policy, request_image)
        return serve_bytes(
            request,
            lambda chosen: _opened(blobs, shown, chosen),
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

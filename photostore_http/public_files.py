"""`/public/{token}/photos/{id}/file` and `/renditions/{name}`: the bytes of a share, asked of the gate each time."""

from dataclasses import replace
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter
from litestar.response.base import ASGIResponse

from photostore.photo.commands.request_image import RequestImage
from photostore.photo.errors import PhotoNotFound, RenditionNotFound, RenditionPending
from photostore.photo.metadata_policy import MetadataPolicy
from photostore.photo.queries import PhotoView
from photostore.photo.renditions import RenditionPolicy
from photostore.share_link.commands.count_download import CountDownload
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.commands.stay_in_share import StayInShare
from photostore.share_link.errors import NotAllowedByShare
from photostore.share_link.gate import Share
from photostore.shared.blobs import BlobStore, BlobStoreUnavailable
from photostore.shared.ids import PhotoId
from photostore_http.byte_responses import BytesResponse, Demand, serve_bytes
from photostore_http.content_disposition import content_disposition
from photostore_http.declaring import CONTENT_TAG, UNCHANGED, VARY_BY_ACCEPT, BytesOperation
from photostore_http.given_photos import GivenPhoto, PhotoGiver
from photostore_http.paging import BadParameter
from photostore_http.problem_specs import RANGE_NOT_SATISFIABLE, refusals
from photostore_http.public import Token
from photostore_http.renditions import rendition_of
from photostore_http.routing import get
from photostore_http.share_gate import GATE, entered, entered_by_url
from photostore_http.shared_photos import neutral_name

_Id = Annotated[UUID, PathParameter(description="The photo's id.")]
_Name = Annotated[str, PathParameter(description="The name of a size: `thumb`, `preview`, or another of the settings.")]
_Download = Annotated[bool, QueryParameter(description="`1`: as an attachment, to be saved.")]
_Expiry = Annotated[str | None, QueryParameter(description="Until when the URL is good, as `file_url` says.")]
_Signature = Annotated[str | None, QueryParameter(description="The signature of the URL, as `file_url` says.")]
_RESPONSES = {
    206: ResponseSpec(bytes, description="The range that was asked for.", generate_examples=False),
    304: UNCHANGED,
    **RANGE_NOT_SATISFIABLE,
}


class PublicFileController(Controller):
    path = "/public/{token:str}/photos/{photo_id:uuid}"
    tags = ("shares",)
    security = [{}, {"share": []}]  # noqa: RUF012 - Litestar reads it so

    @get(
        "/file",
        operation_id="GetPublicPhotoFile",
        operation_class=BytesOperation,
        guards=[entered_by_url],
        response_headers=[CONTENT_TAG],
        responses={
            **_RESPONSES,
            **refusals(
                *GATE,
                NotAllowedByShare,
                PhotoNotFound,
                RenditionNotFound,
                RenditionPending,
                BlobStoreUnavailable,
                BadParameter,
            ),
        },
    )
    @inject
    async def file(
        self,
        request: Request[Any, Any, Any],
        token: Token,
        photo_id: _Id,
        share: FromDishka[Share],
        read_share: FromDishka[ReadShare],
        giver: FromDishka[PhotoGiver],
        stay: FromDishka[StayInShare],
        count_download: FromDishka[CountDownload],
        download: _Download = False,
        e: _Expiry = None,
        s: _Signature = None,
    ) -> ASGIResponse:
        """The original, where the link gives originals away; the signature of its `file_url` stands for the unlock.

        Where metadata are hidden it is a copy without them: lossless for JPEG, PNG, WebP and GIF, of other formats the
        largest rendition.
        """
        share.demand_download()
        photo = await read_share.photo(share, PhotoId(photo_id))
        given = await _given(giver, share, photo)
        answer = serve_bytes(
            request,
            lambda chosen: giver.open(given, chosen),
            content_type=given.content_type,
            etag=given.etag,
            byte_size=given.copy.byte_size,
            disposition=content_disposition("attachment" if download else "inline", given.filename),
            cache_control="private, no-cache",
            demand=Demand(lambda: _still(stay, read_share, token, share, PhotoId(photo_id))),
        )
        if isinstance(answer, BytesResponse) and answer.from_the_start:
            await count_download(share)
        return answer

    @get(
        "/renditions/{name:str}",
        operation_id="GetPublicRendition",
        operation_class=BytesOperation,
        guards=[entered],
        response_headers=[CONTENT_TAG, VARY_BY_ACCEPT],
        responses={
            **_RESPONSES,
            **refusals(*GATE, PhotoNotFound, RenditionNotFound, RenditionPending, BlobStoreUnavailable),
        },
    )
    @inject
    async def rendition(
        self,
        request: Request[Any, Any, Any],
        token: Token,
        photo_id: _Id,
        name: _Name,
        share: FromDishka[Share],
        read_share: FromDishka[ReadShare],
        stay: FromDishka[StayInShare],
        policy: FromDishka[RenditionPolicy],
        request_image: FromDishka[RequestImage],
        blobs: FromDishka[BlobStore],
    ) -> ASGIResponse:
        """In the best of AVIF, WebP and JPEG that `Accept` allows. 409 while it is being made."""
        photo = await read_share.photo(share, PhotoId(photo_id))
        demand = Demand(lambda: _still(stay, read_share, token, share, PhotoId(photo_id)))
        return await rendition_of(
            request, photo, name, policy=policy, request_image=request_image, blobs=blobs, demand=demand
        )


async def _still(stay: StayInShare, read_share: ReadShare, token: str, share: Share, photo_id: PhotoId) -> None:
    """A client that takes its time gets no more of it than others do."""
    await read_share.photo(await stay(token=token, begun=share), photo_id)


async def _given(giver: PhotoGiver, share: Share, photo: PhotoView) -> GivenPhoto:
    """Neither its tag nor its name tells what the share does not: the digest of the original, and where that is hidden its
    name."""
    hidden = share.link.hide_metadata
    given = await giver.give(photo, MetadataPolicy.NONE if hidden else MetadataPolicy.KEEP)
    tag = blake2b(given.etag.encode(), key=share.link.id.bytes, digest_size=16).hexdigest()
    filename = neutral_name(photo, given.content_type) if hidden else given.filename
    return replace(given, etag=tag, filename=filename)

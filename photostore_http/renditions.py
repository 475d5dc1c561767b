"""`/photos/{id}/renditions/{name}` and `/photos/{id}/image`: pictures made from the original."""

from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter
from litestar.response.base import ASGIResponse

from photostore.photo.commands.request_image import RequestImage
from photostore.photo.errors import ImageSizeInvalid, PhotoNotFound, RenditionNotFound, RenditionPending
from photostore.photo.picture import Fit, ImageFormat
from photostore.photo.queries import PhotoQueries, PhotoView, RenditionView
from photostore.photo.renditions import LADDER, RenditionPolicy, demand_shown, ladder_recipe
from photostore.shared.blobs import BlobKey, BlobStore, BlobStoreUnavailable
from photostore.shared.ids import PhotoId, UserId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.byte_responses import serve_blob
from photostore_http.declaring import CONTENT_TAG, UNCHANGED, VARY_BY_ACCEPT, BytesOperation
from photostore_http.negotiation import wanted_format
from photostore_http.paging import BadParameter
from photostore_http.problem_specs import RANGE_NOT_SATISFIABLE, refusals
from photostore_http.routing import get

_Id = Annotated[UUID, PathParameter(description="The photo's id.")]
_Name = Annotated[str, PathParameter(description="The name of a size: `thumb`, `preview`, or another of the settings.")]
# Told alone: the ladder refuses what is out of bounds, with a problem of its own.
_SIDE = QueryParameter(
    description=f"In pixels, 1 to {LADDER[-1]}; rounded up to the ladder.",
    schema_extra={"minimum": 1, "maximum": LADDER[-1]},
)
_Width = Annotated[int | None, _SIDE]
_Height = Annotated[int | None, _SIDE]
_Fit = Annotated[Fit, QueryParameter(description="`contain`: whole within the box. `cover`: cut to the box's shape.")]
_Format = Annotated[ImageFormat | None, QueryParameter(description="Instead of the best that `Accept` allows.")]

_RESPONSES = {
    206: ResponseSpec(bytes, description="The range that was asked for.", generate_examples=False),
    304: UNCHANGED,
    **RANGE_NOT_SATISFIABLE,
    **refusals(
        InvalidToken,
        InsufficientScope,
        PhotoNotFound,
        RenditionNotFound,
        RenditionPending,
        BlobStoreUnavailable,
    ),
}


class RenditionController(Controller):
    path = "/photos/{photo_id:uuid}"
    tags = ("photos",)
    guards = (holding(Scope.PHOTOS_READ),)

    @get(
        "/renditions/{name:str}",
        operation_id="GetRendition",
        operation_class=BytesOperation,
        response_headers=[CONTENT_TAG, VARY_BY_ACCEPT],
        responses=_RESPONSES,
    )
    @inject
    async def rendition(
        self,
        request: Request[Any, Any, Any],
        photo_id: _Id,
        name: _Name,
        actor: FromDishka[Actor],
        photos: FromDishka[PhotoQueries],
        policy: FromDishka[RenditionPolicy],
        request_image: FromDishka[RequestImage],
        blobs: FromDishka[BlobStore],
    ) -> ASGIResponse:
        """In the best of AVIF, WebP and JPEG that `Accept` allows. 409 while it is being made."""
        photo = await photos.get(PhotoId(photo_id), owner=actor.user_id)
        return await rendition_of(request, photo, name, policy=policy, request_image=request_image, blobs=blobs)

    @get(
        "/image",
        operation_id="GetImage",
        operation_class=BytesOperation,
        response_headers=[CONTENT_TAG, VARY_BY_ACCEPT],
        responses={**_RESPONSES, **refusals(ImageSizeInvalid, BadParameter)},
    )
    @inject
    async def image(
        self,
        request: Request[Any, Any, Any],
        photo_id: _Id,
        actor: FromDishka[Actor],
        request_image: FromDishka[RequestImage],
        blobs: FromDishka[BlobStore],
        width: _Width = None,
        height: _Height = None,
        fit: _Fit = Fit.CONTAIN,
        format: _Format = None,
    ) -> ASGIResponse:
        """Of any size up to 2560, rounded up to 160, 320, 640, 960, 1280, 1600, 2048 or 2560; made once and kept. Never
        larger than the original. To `contain` needs a width or a height, to `cover` both."""
        chosen = format or wanted_format(",".join(request.headers.getall("accept", [])))
        recipe = ladder_recipe(width=width, height=height, fit=fit, format=chosen)
        blob = await request_image(actor=actor.user_id, photo_id=PhotoId(photo_id), recipe=recipe)
        return _serve(request, blobs, blob.key, blob.byte_size, chosen)


async def rendition_of(
    request: Request[Any, Any, Any],
    photo: PhotoView,
    name: str,
    *,
    policy: RenditionPolicy,
    request_image: RequestImage,
    blobs: BlobStore,
) -> ASGIResponse:
    """Of a photo that whoever asks may see, in the best format for them."""
    wanted = wanted_format(",".join(request.headers.getall("accept", [])))
    recipe = policy.recipe(name, wanted)
    demand_shown(photo)
    made = _made(photo.renditions, name, wanted)
    if made is not None:
        return _serve(request, blobs, BlobKey(made["blob_key"]), made["byte_size"], wanted)
    blob = await request_image(actor=UserId(photo.owner_id), photo_id=PhotoId(photo.id), recipe=recipe)
    return _serve(request, blobs, blob.key, blob.byte_size, wanted)


def _made(renditions: Any, name: str, format: ImageFormat) -> RenditionView | None:
    found: RenditionView | None = next(
        (each for each in renditions if each["name"] == name and each["format"] == format), None
    )
    return found


def _serve(
    request: Request[Any, Any, Any], blobs: BlobStore, key: BlobKey, byte_size: int, format: ImageFormat
) -> ASGIResponse:
    return serve_blob(
        request,
        blobs,
        key,
        content_type=format.content_type,
        # A key names the same bytes for ever.
        etag=key.rpartition("/")[2],
        byte_size=byte_size,
        disposition="inline",
        cache_control="private, no-cache",
        headers={"Vary": "Accept, Authorization"},
    )

"""`/photos/archive`: chosen photos as one ZIP file."""

from typing import Any

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request
from litestar.params import JSONBody
from litestar.response.base import ASGIResponse

from photostore.archive.commands.choose_photos import ChoosePhotos
from photostore.archive.errors import PhotosNotArchivable
from photostore.shared.ids import PhotoId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.archives import PARTS, Archives
from photostore_http.authentication import holding
from photostore_http.declaring import CONTENT_TAG, ArchiveOperation
from photostore_http.photo_batches import PhotoIdsRequest
from photostore_http.problem_specs import refusals
from photostore_http.routing import post


class PhotoArchiveController(Controller):
    path = "/photos"
    tags = ("photos",)
    guards = (holding(Scope.PHOTOS_READ),)

    @post(
        "/archive",
        operation_id="ArchivePhotos",
        operation_class=ArchiveOperation,
        status_code=200,
        response_headers=[CONTENT_TAG],
        responses={**PARTS, **refusals(InvalidToken, InsufficientScope, PhotosNotArchivable)},
    )
    @inject
    async def archive(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[PhotoIdsRequest],
        actor: FromDishka[Actor],
        choose: FromDishka[ChoosePhotos],
        archives: FromDishka[Archives],
    ) -> ASGIResponse:
        """The originals of 1 to 1000 photos as a ZIP file, streamed, in the order asked.

        Its length is told, so a break shows. Go on with `Range` and `If-Range`: as long as the photos, their names and their
        order are the same, so are the bytes. An answer is not kept under an idempotency key: it is made anew.
        """
        photos = await choose(actor=actor.user_id, photo_ids=[PhotoId(each) for each in data.photo_ids])
        return await archives.of_originals(request, photos, name="photos")

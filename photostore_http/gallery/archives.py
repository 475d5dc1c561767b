"""`/s/{token}/archive`: the photos of a page, all or chosen ones, as one ZIP file."""

from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller
from litestar.exceptions import ClientException
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from photostore.archive.commands.choose_shared_photos import ChooseSharedPhotos
from photostore.archive.commands.demand_still_shared import DemandStillShared
from photostore.share_link.commands.count_download import CountDownload
from photostore.share_link.gate import Share
from photostore_http.archives import Archives
from photostore_http.gallery.answers import FOR_PEOPLE, AnyRequest
from photostore_http.gallery.entering import entered_by_cookie, form_of
from photostore_http.public_archives import share_archive
from photostore_http.routing import get, post


class GalleryArchiveController(Controller):
    path = "/s/{token:str}/archive"
    include_in_schema = False
    exception_handlers = FOR_PEOPLE

    @get(guards=[entered_by_cookie])
    @inject
    async def all_photos(
        self,
        request: AnyRequest,
        token: FromPath[str],
        share: FromDishka[Share],
        choose: FromDishka[ChooseSharedPhotos],
        still: FromDishka[DemandStillShared],
        archives: FromDishka[Archives],
        count_download: FromDishka[CountDownload],
    ) -> ASGIResponse:
        return await share_archive(request, share, await choose(share), archives, count_download, still, token)

    @post(status_code=200, guards=[entered_by_cookie])
    @inject
    async def chosen_photos(
        self,
        request: AnyRequest,
        token: FromPath[str],
        share: FromDishka[Share],
        choose: FromDishka[ChooseSharedPhotos],
        still: FromDishka[DemandStillShared],
        archives: FromDishka[Archives],
        count_download: FromDishka[CountDownload],
    ) -> ASGIResponse:
        """Those that the form names, in the share's order."""
        named = _ids((await form_of(request)).get("photo_ids", []))
        photos = [photo for photo in await choose(share) if (photo.submission_id or photo.id) in named]
        if not photos:
            raise ClientException("None of the photos is chosen.")
        return await share_archive(request, share, photos, archives, count_download, still, token)


def _ids(told: list[str]) -> set[UUID]:
    try:
        return {UUID(each) for each in told}
    except ValueError:
        raise ClientException("One of the photos has no id.") from None

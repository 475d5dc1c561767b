"""`/public/{token}/archive`: a share as one ZIP file."""

from collections.abc import Sequence
from typing import Any

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request
from litestar.response.base import ASGIResponse

from photostore.archive.commands.choose_shared_photos import ChooseSharedPhotos
from photostore.archive.commands.demand_still_shared import DemandStillShared
from photostore.archive.queries import ArchivedPhoto
from photostore.share_link.commands.count_download import CountDownload
from photostore.share_link.errors import NotAllowedByShare
from photostore.share_link.gate import Share
from photostore_http.archives import PARTS, UNCHANGED_ARCHIVE, Archives
from photostore_http.byte_responses import BytesResponse, Demand
from photostore_http.declaring import CONTENT_TAG, ArchiveOperation
from photostore_http.problem_specs import refusals
from photostore_http.public import Token
from photostore_http.routing import get
from photostore_http.share_gate import GATE, entered


class PublicArchiveController(Controller):
    path = "/public/{token:str}"
    tags = ("shares",)
    security = [{}, {"share": []}]  # noqa: RUF012 - Litestar reads it so

    @get(
        "/archive",
        operation_id="ArchiveShare",
        operation_class=ArchiveOperation,
        guards=[entered],
        response_headers=[CONTENT_TAG],
        responses={**PARTS, **UNCHANGED_ARCHIVE, **refusals(*GATE, NotAllowedByShare)},
    )
    @inject
    async def archive(
        self,
        request: Request[Any, Any, Any],
        token: Token,
        share: FromDishka[Share],
        choose: FromDishka[ChooseSharedPhotos],
        still: FromDishka[DemandStillShared],
        archives: FromDishka[Archives],
        count_download: FromDishka[CountDownload],
    ) -> ASGIResponse:
        """All photos of the share as a ZIP file, streamed, in its order, where it gives originals away. It breaks off when the
        share ends, allows less, or no longer shows one of the photos. Where metadata are hidden it has neither length nor
        ranges, and tells nothing but the pictures."""
        return await share_archive(request, share, await choose(share), archives, count_download, still, token)


async def share_archive(
    request: Request[Any, Any, Any],
    share: Share,
    photos: Sequence[ArchivedPhoto],
    archives: Archives,
    count_download: CountDownload,
    still: DemandStillShared,
    token: str,
) -> ASGIResponse:
    """These photos of a share, as it gives them away, and as long as it does."""
    demand = Demand(lambda: still(token=token, begun=share, photos=photos))
    name = share.link.name or share.link.album_name or "photos"
    if share.link.hide_metadata:
        answer = archives.without_metadata(request, photos, name=name, demand=demand)
    else:
        answer = await archives.of_originals(request, photos, name=name, demand=demand)
    if isinstance(answer, BytesResponse) and answer.from_the_start:
        await count_download(share)
    return answer

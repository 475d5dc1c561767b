"""`/albums/{id}/archive`: an album as one ZIP file."""

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller
from litestar.response.base import ASGIResponse

from photostore.album.queries import AlbumQueries
from photostore.archive.commands.choose_album_photos import ChooseAlbumPhotos
from photostore.shared.ids import AlbumId
from photostore.user.actor import Actor
from photostore.user.scopes import Scope
from photostore_http.albums import ONE_ALBUM, AnyRequest, Id
from photostore_http.archives import PARTS, UNCHANGED_ARCHIVE, Archives, Demand
from photostore_http.authentication import holding
from photostore_http.declaring import CONTENT_TAG, ArchiveOperation
from photostore_http.problem_specs import refusals
from photostore_http.routing import get


class AlbumArchiveController(Controller):
    path = "/albums/{album_id:uuid}"
    tags = ("albums",)
    guards = (holding(Scope.ALBUMS_READ),)

    @get(
        "/archive",
        operation_id="ArchiveAlbum",
        operation_class=ArchiveOperation,
        response_headers=[CONTENT_TAG],
        responses={**PARTS, **UNCHANGED_ARCHIVE, **refusals(*ONE_ALBUM)},
    )
    @inject
    async def archive(
        self,
        request: AnyRequest,
        album_id: Id,
        actor: FromDishka[Actor],
        choose: FromDishka[ChooseAlbumPhotos],
        albums: FromDishka[AlbumQueries],
        archives: FromDishka[Archives],
    ) -> ASGIResponse:
        """The originals of all its photos as a ZIP file, streamed, in the album's order. Its length is told; go on with
        `Range` and `If-Range` where it broke. It breaks off when the caller may no longer see the album."""
        chosen = await choose(actor=actor.user_id, album_id=AlbumId(album_id))
        demand = Demand(lambda: albums.get(chosen.album.id, reader=actor.user_id))
        return await archives.of_originals(request, chosen.photos, name=chosen.album.name, demand=demand)

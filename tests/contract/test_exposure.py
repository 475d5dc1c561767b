"""Through what a photo can be reached."""

from dishka import AsyncContainer

from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoFilter
from photostore.share_link.commands.show_exposure import ShowExposure
from photostore.user.scopes import Scope
from tests.albums import an_album
from tests.builders import a_photo, a_user_id, an_api_key
from tests.using import stored, use


async def keys_that_reach(adapters: AsyncContainer, photo: Photo) -> list[list[str]]:
    """The scopes of each."""
    exposure = await use(adapters, ShowExposure)(actor=photo.owner_id, photo_id=photo.id)
    return [list(key.scopes) for key in exposure.api_keys]


async def test_a_key_that_reads_albums_reaches_what_shows_in_one(adapters: AsyncContainer) -> None:
    ada = a_user_id()
    put, found, alone = [await stored(adapters, a_photo(owner_id=ada, title=title)) for title in ("Sea", "Sun", "Fog")]
    await an_album(adapters, ada, put)
    await an_album(adapters, ada, query=PhotoFilter(text="sun"))
    for scope in (Scope.ALBUMS_READ, Scope.ALBUMS_WRITE):
        await stored(adapters, an_api_key(user_id=ada, scopes=frozenset({scope})))

    reached = [await keys_that_reach(adapters, photo) for photo in (put, found, alone)]

    assert reached == [[["albums:read"]], [["albums:read"]], []]

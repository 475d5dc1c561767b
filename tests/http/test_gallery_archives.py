"""Downloads from the page for people: all photos, or chosen ones."""

from io import BytesIO
from urllib.parse import urlencode
from zipfile import ZipFile

import httpx
import pytest

from photostore.user.user import User
from tests.http.galleries import FORM, at, enter
from tests.http.guests import PHOTOS, PICTURE, an_album_link, send
from tests.http.pages import Page
from tests.http.shares import PASSWORD, share, shown
from tests.http.world import World


def names_in(answer: httpx.Response) -> list[str]:
    """Of the files in a ZIP."""
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


class TestArchive:
    async def test_all_photos_and_chosen_ones_come_as_one_file(
        self, world: World, ada: User, as_ada: httpx.AsyncClient
    ) -> None:
        photos = [await shown(world, ada.id, filename=f"{name}.jpg") for name in "abc"]
        link = await share(as_ada, *photos, name="A day", allow_download=True, password=PASSWORD)
        await enter(world.http, link)
        chosen = urlencode({"photo_ids": [photos[2].id, photos[0].id]}, doseq=True)

        every = await world.http.get(at(link, "/archive"))
        some = await world.http.post(at(link, "/archive"), content=chosen, headers=FORM)

        assert names_in(every) == ["a.jpg", "b.jpg", "c.jpg"]
        assert names_in(some) == ["a.jpg", "c.jpg"]
        assert 'filename="A day.zip"' in some.headers["content-disposition"]

    async def test_what_a_guest_sent_is_chosen_by_the_id_that_visitors_know(
        self, world: World, ada: User, as_ada: httpx.AsyncClient
    ) -> None:
        mine = await as_ada.post(PHOTOS, files={"file": ("Ada at home.jpg", PICTURE)})
        link = await an_album_link(world, ada, as_ada, allow_download=True)
        known = (await send(world.http, link, name="cake.jpg")).json()["id"]

        some = await world.http.post(at(link, "/archive"), content=urlencode({"photo_ids": known}), headers=FORM)
        by_own_id = urlencode({"photo_ids": mine.json()["id"]})

        assert names_in(some) == ["cake.jpg"]
        assert (await world.http.post(at(link, "/archive"), content=by_own_id, headers=FORM)).status_code == 400

    @pytest.mark.parametrize("content", ["", "photo_ids=nonsense", "photo_ids=00000000-0000-7000-8000-000000000001"])
    async def test_nothing_chosen_is_told(
        self, world: World, ada: User, as_ada: httpx.AsyncClient, content: str
    ) -> None:
        link = await share(as_ada, await shown(world, ada.id), allow_download=True)

        page = Page(await world.http.post(at(link, "/archive"), content=content, headers=FORM))

        assert (page.status, page.text_of("h1")) == (400, "That did not work")

    async def test_it_stands_behind_the_gate(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        photo = await shown(world, ada.id)
        locked = await share(as_ada, photo, allow_download=True, password=PASSWORD)
        shut = await share(as_ada, photo, allow_download=False)
        chosen = urlencode({"photo_ids": photo.id})

        for link, status in ((locked, 401), (shut, 403)):
            answers = [
                await world.http.get(at(link, "/archive")),
                await world.http.post(at(link, "/archive"), content=chosen, headers=FORM),
            ]
            assert [answer.status_code for answer in answers] == [status, status]
            assert all(answer.headers["content-type"].startswith("text/html") for answer in answers)

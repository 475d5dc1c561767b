"""Short ways of sending what guests send."""

from typing import Any

import httpx

from photostore.user.user import User
from tests.albums import an_album, some_photos
from tests.builders import a_picture
from tests.http.shares import LINKS, public, share
from tests.http.world import World

PICTURE = a_picture("the cake", byte_size=2000)
ALBUMS, PHOTOS = "/api/v1/albums", "/api/v1/photos"


async def an_album_link(world: World, owner: User, as_owner: httpx.AsyncClient, **told: Any) -> dict[str, Any]:
    album_id = await an_album(world.container, owner.id, *await some_photos(world.container, owner.id, 1))
    return await share(as_owner, album_id=str(album_id), **{"allow_upload": True, **told})


async def send(
    http: httpx.AsyncClient, link: dict[str, Any], content: bytes = PICTURE, *, name: str = "cake.jpg", **fields: str
) -> httpx.Response:
    return await http.post(public(link, "/photos"), data=fields, files={"file": (name, content)})


async def shown(http: httpx.AsyncClient, link: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await http.get(public(link, "/photos"))).json()["items"]
    return items


async def submissions(http: httpx.AsyncClient, link: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    answer = await http.get(f"{LINKS}/{link['id']}/submissions", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def a_file(content: bytes = PICTURE, **changed: Any) -> dict[str, Any]:
    return {"filename": "cake.jpg", "content_type": "image/jpeg", "byte_size": len(content), **changed}

"""Short ways of sharing, and of following what was shared."""

from typing import Any
from urllib.parse import urlsplit

import httpx

from photostore.photo.photo import Photo
from tests.builders import a_photo, a_rendition
from tests.http.world import World
from tests.using import stored

LINKS = "/api/v1/share-links"
PASSWORD = "open sesame"


async def share(http: httpx.AsyncClient, *photos: Photo, **told: Any) -> dict[str, Any]:
    """The link, as its owner is told of it."""
    wanted = {"photo_ids": [str(photo.id) for photo in photos]} if photos else {}
    made = await http.post(LINKS, json={**wanted, **told})
    assert made.status_code == 201, made.text
    link: dict[str, Any] = made.json()
    return link


async def shown(world: World, owner_id: Any, **told: Any) -> Photo:
    """A photo whose original and thumbnail lie in the store."""
    photo = a_photo(owner_id=owner_id, **told)
    photo.renditions = (a_rendition(photo.blob_key),)
    await stored(world.container, photo)
    world.store.blobs.blobs[photo.blob_key] = bytes(photo.byte_size)
    for rendition in photo.renditions:
        world.store.blobs.blobs[rendition.blob_key] = bytes(rendition.byte_size)
    return photo


def public(link: dict[str, Any], rest: str = "") -> str:
    return f"/api/v1/public/{link['token']}{rest}"


async def unlock(http: httpx.AsyncClient, link: dict[str, Any], password: str = PASSWORD) -> dict[str, str]:
    """The header that unlocking gives."""
    answer = await http.post(public(link, "/unlock"), json={"password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"

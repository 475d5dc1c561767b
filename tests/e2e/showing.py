"""What becomes of photos after their upload, as clients see it, and what lies in the store of it."""

import re
from collections.abc import Collection, Mapping
from io import BytesIO
from typing import Any

from PIL import Image

from photostore.photo.renditions import picture_of
from photostore.shared.blobs import BlobKey
from tests.callers import caller
from tests.e2e.behind import Behind
from tests.e2e.people import API, Person
from tests.e2e.servers import ServerProcess
from tests.waiting import eventually

Photo = Mapping[str, Any]
_DECODED_WITHIN = 60


async def decoded(person: Person, *, within: float = _DECODED_WITHIN) -> dict[str, Photo]:
    """Every photo of theirs by its id, once none is `processing`."""

    async def none_waits() -> bool:
        return not await person.photos(status="processing")

    await eventually(none_waits, within=within, what="every photo to be ready or failed")
    return {photo["id"]: photo for photo in await person.photos()}


async def shown(person: Person, content: bytes, filename: str = "photo.jpg", **fields: str) -> Photo:
    """The photo that was made of these bytes, once it is ready."""
    photo = await person.uploaded(content, filename, **fields)
    found = (await decoded(person))[photo["id"]]
    assert found["status"] == "ready", found
    return found


async def photo_of(person: Person, photo_id: str) -> Photo:
    answer = await person.http.get(f"{API}/photos/{photo_id}")
    assert answer.status_code == 200, answer.text
    told: Photo = answer.json()
    return told


def outcome(photo: Photo) -> list[tuple[str, int, int, int, str]]:
    """All that two decodings of the same bytes must agree upon."""
    told = ("name", "width", "height", "byte_size", "content_type")
    return [tuple(each[name] for name in told) for each in photo["renditions"]]


async def blobs_of(behind: Behind, owner: str) -> set[str]:
    """Originals and whatever was made of them, also of photos that are gone."""
    sent = {
        picture_of(BlobKey(row[0]))
        for row in await behind.rows("SELECT blob_key FROM uploads WHERE owner_id = $1", owner)
    }
    return {key for key in behind.all_blobs() if _is_of(key, sent)}


async def named_blobs(behind: Behind, owner: str) -> set[str]:
    """The keys that the rows of this owner's photos have, of originals and of renditions."""
    made = await behind.rows(
        "SELECT each->>'blob_key' FROM photos, jsonb_array_elements(renditions) AS each WHERE owner_id = $1", owner
    )
    return await behind.named_blobs(owner) | {row[0] for row in made}


async def demand_nothing_left_over(behind: Behind, owner: str, *, within: float = 30) -> None:
    """Return once every blob of the owner's is named by a row, and every one that is named is there."""

    async def is_so() -> bool:
        return await blobs_of(behind, owner) == await named_blobs(behind, owner)

    await eventually(is_so, within=within, what=f"blobs and rows of {owner} to agree")


def opened(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def metadata_in(content: bytes) -> set[str]:
    """The kinds of metadata in a rendition."""
    with Image.open(BytesIO(content)) as picture:
        named = {kind for kind in ("exif", "xmp", "photoshop", "comment") if picture.info.get(kind)}
        return named | ({"exif"} if len(picture.getexif()) else set())


async def metric(server: ServerProcess, name: str, **labels: str) -> float:
    """The sum of the series of this name that have these labels, of all its processes."""
    async with caller() as http:
        text = "\n".join([(await http.get(f"{url}/metrics")).text for url in server.counted_at])
    found = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
    wanted: Collection[str] = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(float(value) for told, value in found if all(each in told for each in wanted))


def _is_of(key: str, pictures: set[str]) -> bool:
    bare = key.partition("?")[0]
    return bare.startswith(("originals/", "renditions/")) and picture_of(BlobKey(bare)) in pictures

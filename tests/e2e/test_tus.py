"""tus over real HTTP, by the clients that people use: broken off, killed, and gone on with."""

import asyncio
import json
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tusclient.client import TusClient

from photostore.shared.blobs import MIN_PART_BYTES
from tests.e2e.behind import behind
from tests.e2e.people import API, Person, somebody
from tests.e2e.servers import ServerProcess
from tests.e2e.wire import a_photo_of
from tests.fixtures.oidc import node
from tests.waiting import eventually

TUS = f"{API}/uploads/tus"
SPOKEN = {"Tus-Resumable": "1.0.0"}
_SCRIPT = Path(__file__).parents[1] / "fixtures" / "node" / "tus_upload.mjs"
# Two whole parts and a bit.
SIZE = (11 << 20) + 12_345


def token_of(person: Person) -> str:
    return str(person.http.headers["Authorization"]).removeprefix("Bearer ")


async def bytes_of(person: Person, photo_id: str) -> bytes:
    answer = await person.http.get(f"{API}/photos/{photo_id}/file")
    assert answer.status_code == 200, answer.text
    return answer.content


async def offset(person: Person, url: str) -> int:
    answer = await person.http.head(url, headers=SPOKEN)
    assert answer.status_code == 200, answer.headers
    return int(answer.headers["upload-offset"])


async def assert_one_photo(server: ServerProcess, person: Person, content: bytes) -> None:
    photos = await person.photos()
    assert [photo["byte_size"] for photo in photos] == [len(content)]
    assert await bytes_of(person, photos[0]["id"]) == content
    await behind(server).settled(person.id)
    used = {"used_bytes": len(content), "reserved_bytes": 0, "photo_count": 1}
    assert await behind(server).quota(person.id) == used


async def test_tuspy_goes_on_where_it_broke_off(server: ServerProcess) -> None:
    content = a_photo_of(SIZE, seed=2)
    async with somebody(server.url) as person:
        client = TusClient(f"{server.url}{TUS}", headers={"Authorization": f"Bearer {token_of(person)}"})
        told = {"chunk_size": 3_000_000, "metadata": {"filename": "sea.jpg", "title": "Sea", "hashtags": "sea"}}

        def begin() -> str:
            uploader = client.uploader(file_stream=BytesIO(content), **told)
            uploader.upload(stop_at=7_000_000)
            return str(uploader.url)

        def finish(url: str) -> None:
            client.uploader(file_stream=BytesIO(content), url=url, **told).upload()

        url = await asyncio.to_thread(begin)
        halfway = await offset(person, url)
        await asyncio.to_thread(finish, url)
        photos = await person.photos()

        assert 0 < halfway < SIZE
        assert [(photo["title"], photo["hashtags"], photo["filename"]) for photo in photos] == [
            ("Sea", ["sea"], "sea.jpg")
        ]
        await assert_one_photo(server, person, content)


async def tus_js(options: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """The exit code of tus-js-client, and what it told."""
    process = await asyncio.create_subprocess_exec(
        *(node(), str(_SCRIPT), json.dumps(options)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, faults = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode in (0, -9), faults.decode()
    return process.returncode, [json.loads(line) for line in out.decode().splitlines()]


async def test_tus_js_client_is_killed_and_goes_on(server: ServerProcess, tmp_path: Path) -> None:
    content = a_photo_of(SIZE, seed=3)
    file = tmp_path / "sea.jpg"
    file.write_bytes(content)
    async with somebody(server.url) as person:
        options = {
            "endpoint": f"{server.url}{TUS}",
            "token": token_of(person),
            "file": str(file),
            "storage": str(tmp_path / "urls"),
            "metadata": {"name": "sea.jpg", "type": "image/jpeg"},
        }

        killed, first = await tus_js({**options, "dieAfter": 6_000_000})
        ended, second = await tus_js({**options, "dieAfter": None})

        assert (killed, first) == (-9, [{"resumed": 0}])
        assert (ended, second[0]) == (0, {"resumed": 1})
        assert second[-1] == {"photo": (await person.photos())[0]["id"]}
        await assert_one_photo(server, person, content)


async def test_a_socket_that_closes_midway_keeps_what_arrived(server: ServerProcess) -> None:
    content = a_photo_of(SIZE, seed=4)
    most = SIZE - 100_000
    async with somebody(server.url) as person:
        answer = await person.http.post(TUS, headers={**SPOKEN, "Upload-Length": str(SIZE)})
        url = answer.headers["location"]

        await most_of_a_piece(person, url, content, most)
        # What the server had not read yet is lost with the connection: a buffer, not a part.
        await eventually(lambda: arrived(person, url, most), within=30, what="the tail to be kept")
        kept = await offset(person, url)
        headers = {**SPOKEN, "Upload-Offset": str(kept), "Content-Type": "application/offset+octet-stream"}
        done = await person.http.patch(url, headers=headers, content=content[kept:])

        assert done.status_code == 204, done.text
        assert done.headers["photostore-photo-id"]
        await assert_one_photo(server, person, content)


async def arrived(person: Person, url: str, sent: int) -> bool:
    """More than the whole parts of it."""
    return 2 * MIN_PART_BYTES < await offset(person, url) <= sent


async def most_of_a_piece(person: Person, url: str, content: bytes, most: int) -> None:
    """Announce all of it, send most, and close."""
    place = urlsplit(str(person.http.base_url))
    _, writer = await asyncio.open_connection(place.hostname, place.port)
    head = (
        f"PATCH {url} HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: {person.http.headers['Authorization']}\r\n"
        "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    writer.write(head.encode() + content[:most])
    await writer.drain()
    writer.close()
    await writer.wait_closed()

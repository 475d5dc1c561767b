"""A library in a folder, copied to another folder and to a bucket, with everything as it is served: what can still be done
when the primary store is gone, and what mends it."""

import io
import json
import subprocess
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from dishka import AsyncContainer

from photostore.replica.commands.keep_replica import KeepReplica
from photostore.replica.turn import Kept
from photostore.upload.commands.delete_blobs import DeleteBlobs
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.settings import load_settings
from photostore_http.main import asgi_app, http_container
from tests.e2e.databases import strong_secret
from tests.e2e.programs import PHOTOSTORE, clean_environment
from tests.e2e.wire import a_photo_of
from tests.using import use
from tests.waiting import eventually, wait_until

API = "/api/v1"
PERSON = {"email": "ada@example.org", "password": "correct horse battery"}
# More than what is read ahead of a reader.
SIZES = (40_000, 2_500_000)


@dataclass(frozen=True)
class Library:
    folder: Path
    environment: dict[str, str]
    container: AsyncContainer
    http: httpx.AsyncClient

    @property
    def primary(self) -> Path:
        return self.folder / "primary"

    @property
    def nas(self) -> Path:
        return self.folder / "nas"

    async def upload(self, content: bytes) -> httpx.Response:
        return await self.http.post(f"{API}/photos", files={"file": ("photo.jpg", content)})

    async def uploaded(self, content: bytes) -> dict[str, Any]:
        answer = await self.upload(content)
        assert answer.status_code == 201, answer.text
        photo: dict[str, Any] = answer.json()
        return photo

    async def keep(self, store: str, *, anew: bool = False) -> Kept:
        return await use(self.container, KeepReplica)(store=store, anew=anew)

    def file_of(self, place: Path, content: bytes) -> Path:
        """Where an original lies, or its copy; found by its bytes in the primary."""
        for path in (self.primary / "blobs" / "originals").rglob("*"):
            if path.is_file() and path.read_bytes() == content:
                return place / path.relative_to(self.primary)
        raise AssertionError("it lies nowhere")

    async def file(self, photo: dict[str, Any]) -> bytes:
        return (await self.http.get(f"{API}/photos/{photo['id']}/file")).content

    async def every_way(self, photo: dict[str, Any]) -> list[bytes]:
        """The bytes of a photo, through each door that gives originals away."""
        download = await self.http.get(f"{API}/photos/{photo['id']}/download")
        archive = await self.http.post(f"{API}/photos/archive", json={"photo_ids": [photo["id"]]})
        with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
            (name,) = packed.namelist()
            unpacked = packed.read(name)
        given = [await self.http.get(url) for url in (photo["file_url"], download.headers["location"])]
        return [await self.file(photo), unpacked, *(answer.content for answer in given)]


@asynccontextmanager
async def a_library(folder: Path, database_url: str, bucket: S3Settings | None) -> AsyncIterator[Library]:
    for name in ("primary", "nas"):
        (folder / name).mkdir()
    replicas: list[dict[str, str]] = [{"name": "nas", "folder": str(folder / "nas")}]
    if bucket is not None:
        replicas.append(
            {
                "name": "far",
                "bucket_name": bucket.bucket_name,
                "aws_access_key_id": bucket.aws_access_key_id,
                "aws_secret_access_key": bucket.aws_secret_access_key,
                "endpoint_url": bucket.endpoint,
            }
        )
    environment = {
        "DATA_DIR": str(folder / "data"),
        "STORAGE__FOLDER": str(folder / "primary"),
        "STORAGE__REPLICAS": json.dumps(replicas),
        "DATABASE_URL": database_url,
        "JWT__SECRET_KEY": strong_secret(),
    }
    settings = load_settings(environment)
    container = http_container(settings, database_url)
    app: Any = asgi_app(settings, container)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.base_url) as http:
        await http.post(f"{API}/auth/register", json=PERSON)
        token = (await http.post(f"{API}/auth/login", json=PERSON)).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield Library(folder, environment, container, http)
    await container.close()


async def test_replicas_that_were_away_catch_up_and_with_the_primary_gone_every_photo_is_read_through_every_door(
    tmp_path: Path, emptied_database_url: str, s3_settings: S3Settings
) -> None:
    contents = [a_photo_of(size, seed=size) for size in SIZES]

    async with a_library(tmp_path, emptied_database_url, s3_settings) as library:
        library.nas.rename(library.folder / "away")
        photos = [await library.uploaded(content) for content in contents]
        failed = await library.keep("nas")
        (library.folder / "away").rename(library.nas)
        copied = [await library.keep("nas", anew=True), await library.keep("far")]
        library.primary.rename(library.folder / "away")
        from_the_folder = [await library.every_way(photo) for photo in photos]
        library.nas.rename(library.folder / "away too")
        from_the_bucket = [await library.file(photo) for photo in photos]
        health = await library.http.get("/healthz")
        refused = await library.upload(a_photo_of(30_000))

    assert failed.failure == "the blob store's disk fails: No such file or directory"
    assert [kept.done["copied"] for kept in copied] == [2, 2]
    assert from_the_folder == [[content] * 4 for content in contents]
    assert from_the_bucket == contents
    assert (health.status_code, health.json()["services"]["storage"]["status"]) == (200, "degraded")
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/blob-store-unavailable")


@pytest.fixture
async def library(tmp_path: Path, emptied_database_url: str) -> AsyncIterator[Library]:
    async with a_library(tmp_path, emptied_database_url, None) as library:
        yield library


async def test_what_is_damaged_is_given_rightly_and_mended_and_what_is_deleted_is_gone_everywhere(
    library: Library, emptied_database_url: str
) -> None:
    small, large = (a_photo_of(size, seed=size) for size in SIZES)
    damaged, lost = await library.uploaded(small), await library.uploaded(large)
    await library.keep("nas")
    files = [library.file_of(library.primary, small), library.file_of(library.primary, large)]
    files[0].write_bytes(small[:-1] + b"x")
    files[1].unlink()

    given = [await library.file(damaged), await library.file(lost)]
    connection = await asyncpg.connect(emptied_database_url)

    async def both_are_told() -> bool:
        told = "SELECT count(*) FROM replica_tasks WHERE store = 'primary' AND action = 'mend'"
        return int(await connection.fetchval(told)) == 2

    await eventually(both_are_told)
    mended = await library.keep("primary")

    assert given == [small, large]
    assert mended.done == {"mended": 2}
    assert [file.read_bytes() for file in files] == [small, large]

    for photo in (damaged, lost):
        await library.http.delete(f"{API}/photos/{photo['id']}")
    jobs = await connection.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'delete_blobs'")
    await connection.close()
    for job in jobs:
        await use(library.container, DeleteBlobs)(**json.loads(job["payload"]))
    kept = await library.keep("nas")

    assert kept.done == {"deleted": 2}
    assert [path for folder in (library.primary, library.nas) for path in folder.rglob("originals/**/*")] == []


async def test_kill_9_midway_of_copying_leaves_nothing_half_and_what_was_left_is_copied(library: Library) -> None:
    contents = [a_photo_of(6_000_000, seed=number) for number in range(5)]

    for content in contents:
        await library.uploaded(content)
    copying = replicas(library, "copy")
    wait_until(lambda: any((library.nas / "tmp").glob("*")) or copying.poll() is not None, within=60)
    copying.kill()
    copying.communicate()
    whole = [
        path.read_bytes() in contents for path in (library.nas / "blobs" / "originals").rglob("*") if path.is_file()
    ]
    kept = await library.keep("nas", anew=True)
    status = replicas(library, "status", "--json")
    (view,) = json.loads(status.communicate(timeout=60)[0])
    copies = [path for path in (library.nas / "blobs" / "originals").rglob("*") if path.is_file()]

    assert all(whole)
    assert (kept.failure, status.returncode) == (None, 0)
    assert (view["name"], view["state"], view["copied"], view["lagging"]) == ("nas", "ok", 5, 0)
    assert sorted(path.read_bytes() for path in copies) == sorted(contents)


def replicas(library: Library, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [PHOTOSTORE, "replicas", *arguments],
        env=clean_environment(**library.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )

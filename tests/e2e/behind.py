"""What lies behind a server's back, for looking from outside: its database and its blobs."""

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from photostore_adapters.s3.settings import S3Settings
from tests.e2e.servers import ServerProcess
from tests.fixtures.s3 import lasting_client
from tests.waiting import eventually


@dataclass(frozen=True, slots=True)
class Behind:
    """`database_url` is asked each time, since an embedded database has another after each start."""

    database_url: Callable[[], str]
    all_blobs: Callable[[], Collection[str]]
    put_blob: Callable[[str, bytes], None]

    async def rows(self, statement: str, *arguments: object) -> list[Any]:
        connection = await asyncpg.connect(self.database_url())
        try:
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    async def value(self, statement: str, *arguments: object) -> Any:
        """The first column of the first row."""
        rows = await self.rows(statement, *arguments)
        return rows[0][0] if rows else None

    async def blobs(self, owner: str) -> set[str]:
        """The keys of what lies in the store of an owner's uploads, whatever became of these."""
        sent = {row[0] for row in await self.rows("SELECT blob_key FROM uploads WHERE owner_id = $1", owner)}
        tails = tuple(f"tails/{key.removeprefix('originals/')}." for key in sent)
        return {key for key in self.all_blobs() if key.partition("?")[0] in sent or key.startswith(tails)}

    def has_any(self, keys: Collection[str]) -> bool:
        """Whether any of these still lies in the store."""
        return not set(keys).isdisjoint(self.all_blobs())

    async def named_blobs(self, owner: str) -> set[str]:
        """The keys that this owner's photos have."""
        return {row[0] for row in await self.rows("SELECT blob_key FROM photos WHERE owner_id = $1", owner)}

    async def quota(self, owner: str) -> dict[str, int]:
        rows = await self.rows("SELECT used_bytes, reserved_bytes, photo_count FROM quotas WHERE owner_id = $1", owner)
        return dict(rows[0])

    async def has_reserved(self, owner: str) -> bool:
        """Whether an upload of the owner's has begun, for the server and not only for whoever sends it."""
        return (await self.quota(owner))["reserved_bytes"] > 0

    async def settled(self, owner: str, *, within: float = 20) -> None:
        """Return once every blob of the owner's has its photo, every photo its blob, and nothing is reserved."""

        async def is_settled() -> bool:
            named = await self.named_blobs(owner)
            return await self.blobs(owner) == named and (await self.quota(owner))["reserved_bytes"] == 0

        await eventually(is_settled, within=within, what=f"no leftover of {owner}")


def behind(server: ServerProcess, **otherwise: str) -> Behind:
    """Found by the settings that the server was given, or by others, where one must not go the server's way."""
    given = server.environment | otherwise

    def database_url() -> str:
        note = json.loads((server.data_dir / "postgres.lock").read_text())
        return f"postgresql://postgres@/photostore?host={note['socket_dir']}&port=5432"

    store = _Bucket(given) if "S3__BUCKET_NAME" in given else _Folder(server)
    return Behind(lambda: given.get("DATABASE_URL") or database_url(), store.keys, store.put)


def bucket_environment(s3: S3Settings) -> dict[str, str]:
    """The settings that make a server use this bucket."""
    return {
        "S3__BUCKET_NAME": s3.bucket_name,
        "S3__AWS_ACCESS_KEY_ID": s3.aws_access_key_id,
        "S3__AWS_SECRET_ACCESS_KEY": s3.aws_secret_access_key,
        "S3__REGION_NAME": s3.region_name,
        "S3__ENDPOINT_URL": s3.endpoint,
    }


class _Folder:
    def __init__(self, server: ServerProcess) -> None:
        self._root = Path(server.environment.get("STORAGE__FOLDER", server.data_dir / "blobs")) / "blobs"

    def keys(self) -> Collection[str]:
        # Unlike pathlib's, this walk bears that folders go meanwhile.
        return [str((folder / name).relative_to(self._root)) for folder, name in self._files()]

    def _files(self) -> Iterator[tuple[Path, str]]:
        for folder, _, names in os.walk(self._root):
            yield from ((Path(folder), name) for name in names)

    def put(self, key: str, content: bytes) -> None:
        (self._root / key).parent.mkdir(parents=True, exist_ok=True)
        (self._root / key).write_bytes(content)


class _Bucket:
    def __init__(self, given: Mapping[str, str]) -> None:
        self._settings = S3Settings(
            bucket_name=given["S3__BUCKET_NAME"],
            aws_access_key_id=given["S3__AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["S3__AWS_SECRET_ACCESS_KEY"],
            region_name=given["S3__REGION_NAME"],
            endpoint_url=given["S3__ENDPOINT_URL"],
        )

    def keys(self) -> Collection[str]:
        client = lasting_client(self._settings)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self._settings.bucket_name)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        # What was never joined takes room, too.
        pending = client.list_multipart_uploads(Bucket=self._settings.bucket_name).get("Uploads", ())
        return keys + [f"{entry['Key']}?uploadId={entry['UploadId']}" for entry in pending]

    def put(self, key: str, content: bytes) -> None:
        lasting_client(self._settings).put_object(Bucket=self._settings.bucket_name, Key=key, Body=content)

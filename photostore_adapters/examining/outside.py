"""Adapters that others wrote: whether they are there and fit, and whether their blob store keeps blobs."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any, cast
from uuid import uuid4

from dishka import AsyncContainer

from photostore.shared.blobs import BlobExists, BlobKey, BlobNotFound, MendableBlobStore, blob_key
from photostore.shared.errors import PhotostoreError
from photostore_adapters.examining.finding import Finding, Findings, Part
from photostore_adapters.outside.finding import found_adapter
from photostore_adapters.outside.parts import PARTS
from photostore_adapters.settings import Settings, SettingsError
from photostore_adapters.wiring import make_container

_ADAPTERS, _STORAGE = Part("adapters"), Part("storage")
# No sweep looks there, so that nobody takes it away meanwhile.
_FOLDER = "doctor"
_BYTES = b"photostore doctor"
_NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"  # a store that needs one is no store of blobs
_PROVE = "Run the adapter's tests with photostore_testing; docs/adapters.md tells how."


async def examine_adapters(settings: Settings) -> Findings:
    for part in PARTS:
        path = getattr(settings.adapters, part)
        if path is None:
            continue
        try:
            found_adapter(part, path)
        except SettingsError as error:
            for mistake in error.mistakes:
                yield _ADAPTERS.failed(part, mistake, f"Mend ADAPTERS__{part.upper()}, or the package that it names.")
        else:
            yield _ADAPTERS.ok(part, f"{path} is there, and provides {PARTS[part].told}.")


async def examine_store(settings: Settings, database_url: str | None) -> Findings:
    try:
        container = make_container(settings, database_url or _NO_DATABASE)
    except SettingsError:
        yield _STORAGE.skipped("blobs", "The adapters do not fit; see there.")
        return
    try:
        async for finding in _tried(container):
            yield finding
    finally:
        await container.close()


async def _tried(container: AsyncContainer) -> Findings:
    key = blob_key(f"{_FOLDER}/{uuid4().hex}")
    try:
        store: MendableBlobStore = await container.get(cast("Any", MendableBlobStore))
        try:
            await store.put(key, _once(_BYTES), at_most=len(_BYTES))
            yield await _reading(store, key)
            yield await _overwriting(store, key)
            yield await _mending(store, key)
        finally:
            await store.delete(key)
        yield await _deleting(store, key)
    except PhotostoreError as error:
        yield _STORAGE.failed("blobs", f"The store refuses: {error}", "Mend what the adapter is told of its store.")
    except Exception as error:  # noqa: BLE001 - what others wrote may raise anything
        yield _STORAGE.failed("blobs", f"The adapter broke off: {error!r}", _PROVE)


async def _reading(store: MendableBlobStore, key: BlobKey) -> Finding:
    async with store.open(key, offset=2, length=3) as blob:
        found = b"".join([chunk async for chunk in blob.chunks])
    if (blob.byte_size, found) == (len(_BYTES), _BYTES[2:5]):
        return _STORAGE.ok("blobs", "What is put there can be read, and a part of it.")
    return _STORAGE.failed("blobs", f"Bytes 2 to 4 of a blob came as {len(found)} others.", _PROVE)


async def _overwriting(store: MendableBlobStore, key: BlobKey) -> Finding:
    try:
        await store.put(key, _once(_BYTES[::-1]), at_most=len(_BYTES))
    except BlobExists:
        return _STORAGE.ok("overwriting", "What is there is not replaced.")
    return _STORAGE.failed("overwriting", "A blob was written over another.", _PROVE)


async def _mending(store: MendableBlobStore, key: BlobKey) -> Finding:
    await store.mend(key, _once(_BYTES), byte_size=len(_BYTES), sha256=sha256(_BYTES).digest())
    return _STORAGE.ok("mending", "What is damaged can be put right.")


async def _deleting(store: MendableBlobStore, key: BlobKey) -> Finding:
    try:
        await store.head(key)
    except BlobNotFound:
        return _STORAGE.ok("deleting", "What was put there for this is gone again.")
    return _STORAGE.failed("deleting", f"{key} is still there after it was deleted.", _PROVE)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content

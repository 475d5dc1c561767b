"""The real decoder over a store of files, asked without a server around it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from photostore.photo.decoding import PictureDecoder
from photostore.photo.picture import ImageFormat, Recipe
from photostore.shared.blobs import BlobKey, BlobStore, blob_key
from photostore_adapters.decoders import decoder_settings
from photostore_adapters.filesystem.blob_store import FilesystemBlobStore, lay_out
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.threads import BlobThreads
from photostore_adapters.imaging.processes.decoder import PooledPictureDecoder
from photostore_adapters.imaging.processes.pool import DecoderPool
from photostore_adapters.settings import load_settings
from photostore_adapters.system.clock import SystemClock

_SETTINGS = load_settings(environ={})


def recipes(*formats: ImageFormat) -> list[Recipe]:
    """Both sizes of the default settings in each of these formats; without any, in those of the settings."""
    chosen = formats or [ImageFormat(each) for each in _SETTINGS.renditions.formats]
    sides = _SETTINGS.rendition_sizes.values()
    return [Recipe(width=side, height=side, format=each) for side in sides for each in chosen]


class Decoders:
    """As many processes as said, with the default settings but that none is ever replaced by a fresh one."""

    def __init__(self, runner: asyncio.Runner, store: BlobStore, pool: DecoderPool) -> None:
        self._runner = runner
        self._store = store
        self._pool = pool
        self._decoder: PictureDecoder = PooledPictureDecoder(pool, store, SystemClock())

    @property
    def process(self) -> psutil.Process:
        """The only one."""
        (pid,) = self._pool.pids
        return psutil.Process(pid)

    def keep(self, name: str, content: bytes) -> BlobKey:
        key = blob_key(f"originals/{name}")
        self._runner.run(self._store.put(key, _chunks(content)))
        return key

    def decode(self, key: BlobKey, asked: Sequence[Recipe], *, times: int = 1) -> None:
        """One more at once than there are processes, as a worker does."""
        self._runner.run(self._decode_all(key, asked, times))

    async def _decode_all(self, key: BlobKey, asked: Sequence[Recipe], times: int) -> None:
        left = iter(range(times))

        async def work() -> None:
            for _ in left:
                async with self._decoder.decode(key, content_type="image/jpeg", recipes=asked):
                    """What was made is thrown away."""

        await asyncio.gather(*(work() for _ in range(self._pool.settings.processes + 1)))


@contextmanager
def decoders(folder: Path, *, processes: int = 1) -> Iterator[Decoders]:
    """Started, and over a store in `folder`, which several may share."""
    settings = FilesystemSettings(root=folder, base_url="http://127.0.0.1", signing_key=bytes(32))
    lay_out(settings)
    threads = BlobThreads()
    pool = DecoderPool(replace(decoder_settings(_SETTINGS), processes=processes, recycle_after=1_000_000))
    with asyncio.Runner() as runner:
        runner.run(pool.start())
        try:
            yield Decoders(runner, FilesystemBlobStore(settings, threads), pool)
        finally:
            runner.run(pool.aclose())
            threads.close()


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content

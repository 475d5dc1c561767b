"""Decoding as the core asks for it, when nothing goes wrong with the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import pytest

from photostore.photo.picture import Fingerprint, PictureFacts
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStoreUnavailable, OpenBlob, blob_key
from photostore_adapters.imaging.processes.errors import DecoderUnavailable
from tests.adapters.decoding_processes.decoding import LARGE, THUMB, clinic, open_descriptors
from tests.fakes.blob_store import FakeBlobStore
from tests.waiting import eventually


def files_in(folder: Path) -> tuple[int, int]:
    """How many have a name there, and how many are open in this process, also without one."""
    opened = [each.readlink() for each in Path("/dev/fd").iterdir() if each.is_symlink()]
    return len(list(folder.iterdir())), len([each for each in opened if str(each).startswith(str(folder))])


async def test_a_picture_comes_with_what_was_asked_for() -> None:
    async with clinic() as here:
        key = here.keep("work of art")

        async with here.decoder.decode(key, content_type="image/jpeg", recipes=[THUMB, LARGE]) as picture:
            assert (picture.width, picture.height, picture.placeholder) == (1600, 1200, b"thumb")
            assert picture.facts == PictureFacts(keywords=("sea",))
            assert picture.fingerprint == Fingerprint(pixels=bytes(32), perceptual=7)
            assert [(made.recipe, made.width, made.byte_size) for made in picture.renditions] == [
                (THUMB, 256, 6),
                (LARGE, 2048, 6),
            ]

        assert here.told == ["decoded"]


async def test_a_picture_may_be_wanted_without_renditions() -> None:
    async with clinic() as here:
        key = here.keep("work")

        async with here.decoder.decode(key, content_type="image/jpeg", recipes=[]) as picture:
            assert picture.renditions == []


async def test_renditions_can_be_read_again_and_at_once() -> None:
    async with clinic() as here:
        key = here.keep(f"write {1 << 20}")

        async with here.decoder.decode(key, content_type="image/jpeg", recipes=[THUMB]) as picture:
            (made,) = picture.renditions
            first, second = [[chunk async for chunk in made.chunks()] for _ in range(2)]
            pairs = [pair async for pair in _both(made.chunks(), made.chunks())]

        assert [len(chunk) for chunk in first] == [256 << 10] * 4
        assert first == second == [one for one, _ in pairs] == [other for _, other in pairs]


async def test_a_large_original_arrives_whole() -> None:
    async with clinic() as here:
        content = b"work " + b"a" * 3000 + b"\0" * (5 << 20)

        (made,) = await here.decode(content)

        assert made == b"a" * 3000


async def test_what_the_store_raises_comes_through_and_costs_no_process(tmp_path: Path) -> None:
    store = FakeBlobStore()
    async with clinic(store, scratch_folder=tmp_path) as here:
        key = here.keep("work " + "a" * 200_000)

        with pytest.raises(BlobNotFound):
            async with here.decoder.decode(blob_key("absent"), content_type="image/jpeg", recipes=[THUMB]):
                pass
        store.break_after = 70_000
        with pytest.raises(BlobStoreUnavailable):
            async with here.decoder.decode(key, content_type="image/jpeg", recipes=[THUMB]):
                pass

        assert (here.told, here.pool.pids, store.reading, files_in(tmp_path)) == ([], frozenset(), 0, (0, 0))


async def test_a_slow_store_keeps_no_process_from_the_others() -> None:
    store = SlowStore()
    async with clinic(store) as here:
        waiting = asyncio.create_task(here.decode("work slowly"))
        await store.asked.wait()
        store.slow = False

        assert await here.decode("work fast") == [b"fast"]
        store.arrive.set()
        assert await waiting == [b"slowly"]


async def test_no_more_than_two_originals_a_process_are_fetched_ahead() -> None:
    store = SlowStore()
    async with clinic(store) as here:
        waiting = [asyncio.create_task(here.decode(f"work {number}")) for number in range(5)]
        await eventually(lambda: store.opened == 2)
        store.arrive.set()

        assert await asyncio.gather(*waiting) == [[str(number).encode()] for number in range(5)]
        assert store.most == 2


async def test_nothing_is_left_of_what_was_decoded(tmp_path: Path) -> None:
    async with clinic(scratch_folder=tmp_path) as here:
        key = here.keep("work of art")

        async with here.decoder.decode(key, content_type="image/jpeg", recipes=[THUMB, LARGE]):
            assert files_in(tmp_path) == (0, 2)
        with pytest.raises(RuntimeError, match="mine"):
            async with here.decoder.decode(key, content_type="image/jpeg", recipes=[THUMB]):
                raise RuntimeError("mine")

        assert files_in(tmp_path) == (0, 0)


async def test_a_scratch_folder_that_is_not_there_is_not_blamed_on_the_picture(tmp_path: Path) -> None:
    async with clinic(scratch_folder=tmp_path / "absent") as here:
        with pytest.raises(DecoderUnavailable, match="no room"):
            await here.decode("work")


async def test_descriptors_do_not_grow() -> None:
    async with clinic(recycle_after=60) as here:
        await here.decode("work")
        before = open_descriptors()

        for number in range(200):
            await here.decode(f"work {number}", THUMB, LARGE)

        assert open_descriptors() <= before + 2  # a successor may just be starting


async def test_the_version_of_the_encoder_names_the_library() -> None:
    async with clinic() as here:
        assert here.decoder.encoder_version.startswith(f"pyvips-binary-{version('pyvips-binary')}-")


async def _both(one: AsyncIterator[bytes], other: AsyncIterator[bytes]) -> AsyncIterator[tuple[bytes, bytes]]:
    async for chunk in one:
        yield chunk, await anext(other)


class SlowStore(FakeBlobStore):
    """Gives nothing of a blob that is opened while it is `slow` before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = True
        self.asked, self.arrive = asyncio.Event(), asyncio.Event()
        self.opened = self.most = 0

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        self.opened += 1
        self.most = max(self.most, self.opened)
        self.asked.set()
        try:
            if self.slow:
                await self.arrive.wait()
            async with super().open(key, offset=offset, length=length) as blob:
                yield blob
        finally:
            self.opened -= 1

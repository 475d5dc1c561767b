"""Pictures that hang, crash, spin or eat: each is told by its name, and the next one decodes."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs

from photostore.photo.decoding import PictureUndecodable
from photostore.photo.picture import Failure, ImageFormat, Recipe
from photostore_adapters.imaging.processes.errors import DecoderUnavailable
from tests.adapters.decoding_processes.decoding import clinic
from tests.waiting import eventually


@pytest.mark.parametrize(
    ("deed", "failure"),
    [
        ("refuse it", Failure.TRUNCATED),
        ("eat", Failure.OUT_OF_MEMORY),
        ("eat-pixels", Failure.OUT_OF_MEMORY),
        ("fail-to-allocate", Failure.OUT_OF_MEMORY),
        ("crash", Failure.CRASHED),
        ("raise x", Failure.CRASHED),
        ("leave", Failure.CRASHED),
        ("babble", Failure.CRASHED),
        ("lie", Failure.CRASHED),
        (f"write {4 << 20}", Failure.CRASHED),
        ("unheard-of", Failure.CRASHED),
    ],
)
async def test_a_bad_picture_costs_its_process_and_nothing_else(deed: str, failure: Failure) -> None:
    async with clinic(memory_bytes=1 << 30, file_bytes=1 << 20) as here:
        await here.decode("work")
        before = here.pool.pids

        assert await here.failure(deed) == failure
        assert await here.decode("work well") == [b"well"]

        assert before.isdisjoint(here.pool.pids)
        assert here.told == ["decoded", failure.value, "decoded"]


async def test_a_picture_that_hangs_is_given_up_in_time(tmp_path: Path) -> None:
    async with clinic(wall_seconds=0.5) as here:
        async with asyncio.timeout(10):
            assert await here.failure(f"hang {tmp_path / 'started'}") == Failure.TIMED_OUT

        assert (tmp_path / "started").exists()
        assert await here.decode("work well") == [b"well"]


async def test_a_picture_that_spins_is_given_up_by_its_own_time() -> None:
    async with clinic(cpu_seconds=1, wall_seconds=60) as here:
        assert await here.failure("spin") == Failure.TIMED_OUT
        assert await here.decode("work well") == [b"well"]


async def test_the_time_of_one_picture_is_not_counted_against_the_next() -> None:
    async with clinic(cpu_seconds=1, wall_seconds=60) as here:
        for _ in range(4):
            assert await here.decode("toil 0.4") == [b"toiled"]

        assert len(here.pool.pids) == 1
        assert here.told == ["decoded"] * 4


async def test_the_owner_is_told_no_more_than_what_kind_of_fault_it_was() -> None:
    async with clinic() as here:
        with capture_logs() as logs, pytest.raises(PictureUndecodable) as refusal:
            await here.decode("raise GPS-POSITION")

        assert refusal.value.detail == "The decoder failed: ZeroDivisionError."
        (line,) = logs
        assert (line["event"], line["failure"]) == ("a decoder process failed", "crashed")
        assert "Traceback" in line["stderr"]
        assert "\n" not in line["stderr"]


async def test_the_log_says_where_it_crashed() -> None:
    async with clinic() as here:
        with capture_logs() as logs:
            await here.failure("crash")

        assert "Segmentation fault" in logs[0]["stderr"]
        assert "in _crash" in logs[0]["stderr"]


async def test_a_full_disk_is_not_blamed_on_the_picture() -> None:
    async with clinic() as here:
        with pytest.raises(DecoderUnavailable, match="no room"):
            await here.decode("find-no-room")

        assert await here.decode("work well") == [b"well"]


async def test_a_library_that_chatters_blocks_nobody() -> None:
    async with clinic() as here:
        assert [await here.decode("chatter said") for _ in range(3)] == [[b"said"]] * 3
        assert len(here.pool.pids) == 1


async def test_a_process_that_died_while_idle_is_noticed() -> None:
    async with clinic() as here:
        await here.decode("work")
        (pid,) = here.pool.pids

        os.kill(pid, signal.SIGKILL)  # as the kernel does that runs out of memory
        await eventually(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)

        assert await here.decode("work well") == [b"well"]


async def test_a_rendition_larger_than_its_recipe_is_not_believed() -> None:
    async with clinic() as here:
        assert (
            await here.failure("work", recipes=[Recipe(width=0, height=9, format=ImageFormat.WEBP)]) == Failure.CRASHED
        )

"""How many processes there are, whose turn it is, and how they come and go."""

import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from structlog.testing import capture_logs

from photostore_adapters.imaging.processes.errors import DecoderUnavailable
from tests.adapters.decoding_processes.decoding import PATIENT, Clinic, clinic, decoder_settings, open_descriptors
from tests.waiting import eventually


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if PROGRAM in " ".join(command(child))}


def command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


PROGRAM = "photostore_adapters.imaging.decoding"


async def test_twenty_pictures_at_once_keep_two_processes_busy_and_no_third(tmp_path: Path) -> None:
    async with clinic(processes=2) as here:
        decodes = [asyncio.create_task(here.decode(f"hold {tmp_path}")) for _ in range(20)]
        await eventually(lambda: len(list(tmp_path.glob("*.held"))) == 2)
        assert len(children()) == 2

        (tmp_path / "go").touch()
        held = [int(made) for (made,) in await asyncio.gather(*decodes)]

        assert max(held) <= 2
        assert here.told == ["decoded"] * 20


async def test_a_process_makes_way_after_its_share() -> None:
    async with clinic(recycle_after=3) as here:
        workers = [await pid_of(here) for _ in range(7)]

        assert sorted(Counter(workers).values()) == [1, 3, 3]


async def test_a_successor_is_ready_before_it_is_needed() -> None:
    async with clinic(recycle_after=1) as here:
        first = await pid_of(here)

        await eventually(lambda: here.pool.pids and first not in here.pool.pids)
        (successor,) = here.pool.pids

        assert await pid_of(here) == successor


async def test_processes_start_with_the_first_picture_or_when_told() -> None:
    async with clinic(processes=2) as here:
        assert here.pool.pids == frozenset()

        await here.pool.start()

        assert here.pool.pids == children()
        assert len(here.pool.pids) == 2


async def test_nobody_waits_for_a_picture_that_nobody_wants_any_more(tmp_path: Path) -> None:
    async with clinic() as here:
        unwanted = asyncio.create_task(here.decode(f"hang {tmp_path / 'started'}"))
        await eventually((tmp_path / "started").exists)
        (pid,) = here.pool.pids
        before = open_descriptors()

        unwanted.cancel()
        with pytest.raises(asyncio.CancelledError):
            await unwanted

        assert await here.decode("work well") == [b"well"]
        assert not psutil.pid_exists(pid)
        assert open_descriptors() == before - 2  # of the original and the rendition
        assert here.told == ["decoded"]


async def test_giving_up_the_wait_loses_no_turn(tmp_path: Path) -> None:
    async with clinic() as here:
        held = asyncio.create_task(here.decode(f"hold {tmp_path}"))
        await eventually(lambda: list(tmp_path.glob("*.held")))
        impatient = [asyncio.create_task(here.decode("work")) for _ in range(5)]
        patient = asyncio.create_task(here.decode("work well"))
        await asyncio.sleep(0)

        for decode in impatient:
            decode.cancel()
        (tmp_path / "go").touch()

        assert (await held, await patient) == ([b"1"], [b"well"])


async def test_giving_up_while_a_process_starts_leaves_none() -> None:
    async with clinic() as here:
        unwanted = asyncio.create_task(here.decode("work"))
        await eventually(lambda: here.pool.pids)

        unwanted.cancel()
        with pytest.raises(asyncio.CancelledError):
            await unwanted

        await eventually(lambda: not here.pool.pids)
        assert children() == set()
        assert await here.decode("work well") == [b"well"]


async def test_closing_kills_everyone_and_blames_no_picture(tmp_path: Path) -> None:
    async with clinic(processes=2) as here:
        decodes = [asyncio.create_task(here.decode(f"hang {tmp_path / str(number)}")) for number in range(3)]
        await eventually(lambda: len(list(tmp_path.iterdir())) == 2)

        await here.pool.aclose()

        assert children() == here.pool.pids == set()
        for decode in decodes:
            with pytest.raises(DecoderUnavailable, match="shut down"):
                await decode
        with pytest.raises(DecoderUnavailable, match="shut down"):
            await here.decode("work")
        assert here.told == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"decode": "photostore_adapters.imaging.decoding.absent:decode"}, "ModuleNotFoundError"),
        ({"decode": f"{PATIENT}:absent"}, "AttributeError"),
        ({"memory_bytes": 20 << 20}, ""),
        ({"start_seconds": 0.001}, ""),
    ],
)
async def test_a_process_that_cannot_start_is_told_once_and_not_retried(changes: dict[str, Any], words: str) -> None:
    async with clinic(processes=2, **changes) as here:
        with capture_logs() as logs, pytest.raises(DecoderUnavailable, match="cannot be started"):
            await here.decode("work")
        await eventually(lambda: not here.pool.pids)

        (line,) = logs
        assert line["event"] == "a decoder process cannot be started"
        assert words in line["stderr"]
        with pytest.raises(DecoderUnavailable):
            await here.pool.start()


async def test_the_decoders_prove_themselves_in_a_process() -> None:
    async with clinic() as here:
        assert await here.pool.prove() == {"webp": None, "heic": "it is not there"}
        assert await here.decode("work well") == [b"well"]


async def test_decoders_that_die_of_their_proof_are_unavailable() -> None:
    async with clinic(prove=f"{PATIENT}:prove_fatally") as here:
        with capture_logs() as logs, pytest.raises(DecoderUnavailable, match="does not survive"):
            await here.pool.prove()

        assert "Aborted" in logs[0]["stderr"]
        assert await here.decode("work well") == [b"well"]


def test_there_is_at_least_one_process() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        decoder_settings(processes=0)


async def pid_of(here: Clinic) -> int:
    (told,) = await here.decode("pid")
    return int(told)

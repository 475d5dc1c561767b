"""What a decoder process has, may and outlives: as little as can be."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from photostore_adapters.imaging.processes.errors import DecoderUnavailable
from tests.adapters.decoding_processes.decoding import Clinic, clinic
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel has no such thing")


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE  # nobody may be there to bury it
    except psutil.NoSuchProcess:
        return False


async def told_by(here: Clinic) -> dict[str, Any]:
    (told,) = await here.decode("tell")
    answer: dict[str, Any] = json.loads(told)
    return answer


async def test_no_secret_is_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT__SECRET_KEY", "swordfish")
    async with clinic() as here:
        told = await told_by(here)
        (pid,) = here.pool.pids

        assert "swordfish" not in str(told["environment"])
        assert "swordfish" not in str(psutil.Process(pid).environ())
        assert "swordfish" not in str(psutil.Process(pid).cmdline())


async def test_it_has_no_descriptor_of_ours() -> None:
    ours, theirs = os.pipe()
    os.set_inheritable(ours, True)
    async with clinic() as here:
        first = await told_by(here)
        for _ in range(20):
            await here.decode("work")
        last = await told_by(here)
    os.close(ours)
    os.close(theirs)

    # Three standard ones, the socket, the original, the rendition, and the folder that is being listed.
    assert len(first["descriptors"]) == 7
    assert first["descriptors"] == last["descriptors"]
    assert first["pid"] == last["pid"]


async def test_it_is_limited_by_the_kernel() -> None:
    async with clinic(memory_bytes=1 << 30, file_bytes=1 << 20, cpu_seconds=7) as here:
        limits = (await told_by(here))["limits"]

        assert (limits["AS"], limits["FSIZE"], limits["CORE"]) == (1 << 30, 1 << 20, 0)
        assert 7 < limits["CPU"] < 7 + 5  # what it used at its start is left out


async def test_only_we_end_it() -> None:
    async with clinic() as here:
        told = await told_by(here)

        assert told["session"] == told["pid"]  # Ctrl-C on our terminal is not for it
        assert told["ignores_sigterm"]


@linux
async def test_it_reaches_nothing_outside_of_itself() -> None:
    async with clinic() as here:
        assert (await told_by(here))["refused"] == ["connect", "fork", "exec", "run", "kill"]
        with pytest.raises(DecoderUnavailable):  # no picture is blamed for what is forbidden
            await here.decode("fork")
        assert await here.decode("thread") == [b"threaded"]


@pytest.fixture
def neighbour() -> Iterator[psutil.Process]:
    with subprocess.Popen(["sleep", "60"]) as neighbour:
        yield psutil.Process(neighbour.pid)
        neighbour.kill()


@linux
async def test_it_neither_ends_nor_limits_another_process(neighbour: psutil.Process) -> None:
    async with clinic() as here:
        (refused,) = await here.decode(f"assail {neighbour.pid}")

    assert json.loads(refused) == [
        *("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "prlimit64"),
        *("F_SETOWN", "F_SETOWN_EX", "FIOSETOWN", "SIOCSPGRP"),
    ]
    assert is_alive(neighbour)


@linux
@pytest.mark.parametrize("last_deed", ["os.abort()", "signal.raise_signal(signal.SIGABRT)"])
def test_it_can_end_itself(last_deed: str) -> None:
    program = f"""
import os, signal
from photostore_adapters.imaging.decoding.confinement import forbid_the_outside, limit_for_good
limit_for_good(memory_bytes=1 << 30, file_bytes=0)
forbid_the_outside(files=True)
{last_deed}
"""

    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)

    assert ran.returncode == -signal.SIGABRT


@linux
def test_no_process_outlives_a_server_that_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.decoding_processes.guardian", tmp_path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        said = json.loads(next(line for line in server.stdout if line.startswith("{")))  # among lines of the log
        orphans = [psutil.Process(pid) for pid in said["pids"]]

        server.send_signal(signal.SIGKILL)
        server.wait()

    assert (said["told"], len(orphans)) == (["decoded", "crashed", "crashed", "decoded"], 2)
    wait_until(lambda: not any(map(is_alive, orphans)), what="the processes of a killed server")


@linux
async def test_it_opens_no_file_but_those_that_it_is_given(tmp_path: Path) -> None:
    async with clinic(files=False) as here:
        (content,) = await here.decode("work given and not opened")
        with pytest.raises(DecoderUnavailable):
            await here.decode(f"hang {tmp_path / 'touched'}")

    assert content == b"given and not opened"
    assert not (tmp_path / "touched").exists()

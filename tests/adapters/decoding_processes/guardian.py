"""A server of its own, to be killed: `guardian.py FOLDER` prints pids, a line each time, then waits with a process at work.

On uvloop, as in production.
"""

import asyncio
import sys
from pathlib import Path

import uvloop

from photostore.photo.decoding import PictureUndecodable
from tests.adapters.decoding_processes.decoding import Clinic, clinic


async def main(folder: Path) -> None:
    async with clinic(processes=2, wall_seconds=60) as here:
        await here.pool.start()
        for deed in ("work", "crash", "raise it", "work"):
            await attempt(here, deed)
        await here.pool.start()
        hanging = asyncio.create_task(here.decode(f"hang {folder / 'started'}"))
        print(*here.told, *here.pool.pids, flush=True)  # noqa: T201
        await hanging


async def attempt(here: Clinic, deed: str) -> None:
    try:
        await here.decode(deed)
    except PictureUndecodable as refusal:
        assert refusal.failure == "crashed"


uvloop.run(main(Path(sys.argv[1])))

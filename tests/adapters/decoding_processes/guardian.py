"""A server of its own, to be killed: `guardian.py FOLDER` prints one line of JSON, then waits with a process at work.

On uvloop, as in production.
"""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

import uvloop

from photostore.photo.decoding import PictureUndecodable
from tests.adapters.decoding_processes.decoding import Clinic, clinic
from tests.waiting import eventually


async def main(folder: Path) -> None:
    async with clinic(processes=2, wall_seconds=60) as here:
        await here.pool.start()
        for deed in ("work", "crash", "raise it", "work"):
            await attempt(here, deed)
        hanging = asyncio.create_task(here.decode(f"hang {folder / 'started'}"))
        await eventually(lambda: (folder / "started").exists() and len(here.pool.pids) == 2)
        print(json.dumps({"told": here.told, "pids": list(here.pool.pids)}), flush=True)  # noqa: T201
        await hanging


async def attempt(here: Clinic, deed: str) -> None:
    with suppress(PictureUndecodable):
        await here.decode(deed)


uvloop.run(main(Path(sys.argv[1])))

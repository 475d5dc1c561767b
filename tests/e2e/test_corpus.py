"""Every file of a corpus, good or hostile, through the running server and its real decoders.

`TEST_CORPUS` names the folder. Without it there is nothing here to collect.

The folder holds MANIFEST.tsv: UTF-8, a line a file, fields parted by tabs and never quoted, the first line their names. Of
these are read:

- `path`: of the file, from the folder; slashes.
- `mime`: what the file really is, whatever its name.
- `outcome`: `accept` (it becomes `ready`), `reject` (refused as it is uploaded, or `failed` with a reason) or `either`.
- `width`, `height`: in pixels as stored, before `orientation` (1 to 8, as in EXIF) is applied. Empty: not known.
- `taken_at`: the camera's clock, `YYYY:MM:DD HH:MM:SS`; `offset`: of that clock, `+HH:MM` or `-HH:MM`. Empty: none is told.
- `special`: a remark; "quadrants R G / B W when upright" tells the colours of the four quarters.
- `lat`, `lon`: degrees, south and west negative. Empty: none is told.

Where a file should give something else than its line says, `corpus.py` has it in a table, with the reason.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import get_args

import numpy as np
import psutil
import pytest

from photostore_http.photo_responses import FailureReason
from tests.e2e.corpus import Expected, read_list
from tests.e2e.people import API, Person, somebody
from tests.e2e.servers import ServerProcess
from tests.e2e.showing import Photo, decoded, opened
from tests.waiting import eventually

FOLDER = Path(os.environ.get("TEST_CORPUS", "/nowhere"))
AT_ONCE = 4
DECODED_WITHIN = 180
# What is really used: a decoder's address space may be 1.5 GiB, and the server never holds a picture.
DECODER_BYTES, SERVER_BYTES = 1 << 30, 400 << 20
REFUSALS = {413, 415, 422}


@dataclass(slots=True)
class Run:
    """What became of each file: the photo, or the status of the refusal; and how many bytes the processes used at most."""

    outcomes: dict[str, Photo | int] = field(default_factory=dict)
    server_bytes: int = 0
    decoder_bytes: int = 0
    thumbs: dict[str, bytes] = field(default_factory=dict)
    log: str = ""


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All files, uploaded once."""
    run = Run()
    with ServerProcess(tmp_path_factory.mktemp("corpus")) as server:
        async with somebody(server.url) as person, measured(server, run):
            ids = await all_uploaded(person, run)
            photos = await decoded(person, within=DECODED_WITHIN)
            for path in (each.path for each in read_list(FOLDER) if each.has_quadrants and each.path in ids):
                answer = await person.http.get(f"{API}/photos/{ids[path]}/renditions/thumb")
                run.thumbs[path] = answer.content
        run.outcomes |= {path: photos[photo_id] for path, photo_id in ids.items()}
        run.log = server.log
    return run


async def all_uploaded(person: Person, run: Run) -> dict[str, str]:
    """The ids of the photos that were made; refusals are written down."""
    ids, room = dict[str, str](), asyncio.Semaphore(AT_ONCE)

    async def upload(expected: Expected) -> None:
        content = (FOLDER / expected.path).read_bytes()
        async with room:
            answer = await person.upload(content, Path(expected.path).name)
        if answer.status_code in {200, 201}:
            ids[expected.path] = answer.json()["id"]
        else:
            run.outcomes[expected.path] = answer.status_code

    await asyncio.gather(*map(upload, read_list(FOLDER)))
    return ids


@asynccontextmanager
async def measured(server: ServerProcess, run: Run) -> AsyncIterator[None]:
    def look() -> bool:
        for process in server.family():
            with suppress(psutil.NoSuchProcess):
                used, command = process.memory_info().rss, process.cmdline()
                if "photostore_adapters.imaging.decoding" in command:
                    run.decoder_bytes = max(run.decoder_bytes, used)
                elif process.pid == server.process.pid:
                    run.server_bytes = max(run.server_bytes, used)
        return False

    looking = asyncio.create_task(eventually(look, within=3600))
    yield
    looking.cancel()


# What is not defined is not collected: without a corpus there is nothing to skip.
if "TEST_CORPUS" in os.environ:

    @pytest.mark.parametrize("expected", read_list(FOLDER), ids=lambda expected: expected.path)
    async def test_a_file_of_the_corpus_gives_what_it_should(run: Run, expected: Expected) -> None:
        outcome = run.outcomes[expected.path]
        if isinstance(outcome, int):
            assert (expected.outcome != "accept", outcome in REFUSALS) == (True, True), outcome
        elif outcome["status"] == "failed":
            assert expected.outcome != "accept", outcome["failure"]
            assert outcome["failure"] in get_args(FailureReason)
            assert outcome["renditions"] == []
        else:
            assert (expected.outcome != "reject", outcome["status"]) == (True, "ready")
            assert len(outcome["renditions"]) == 4
            if expected.outcome == "accept":
                demand_told(expected, outcome)
            if expected.has_quadrants:
                demand_quadrants(run.thumbs[expected.path])

    async def test_the_corpus_costs_no_crash_and_little_memory(run: Run) -> None:
        assert run.server_bytes < SERVER_BYTES
        assert run.decoder_bytes < DECODER_BYTES
        assert "Traceback" not in run.log


def demand_told(expected: Expected, photo: Photo) -> None:
    assert (photo["width"], photo["height"]) == expected.size
    assert photo["taken_at_offset_minutes"] == expected.offset_minutes
    moment = photo["taken_at"] and datetime.fromisoformat(photo["taken_at"]).replace(microsecond=0)
    assert moment == expected.taken_at
    location = photo["location"] and (photo["location"]["latitude"], photo["location"]["longitude"])
    assert location == (expected.position and pytest.approx(expected.position, abs=1e-5))
    assert photo["placeholder"]


def demand_quadrants(thumb: bytes) -> None:
    pixels = np.asarray(opened(thumb).convert("RGB"))
    height, width, _ = pixels.shape
    corners = pixels[[[height // 4], [3 * height // 4]], [width // 4, 3 * width // 4]]
    wanted = [[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 255)]]
    assert np.abs(corners.astype(int) - wanted).max() < 40, corners

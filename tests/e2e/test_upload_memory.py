"""Memory stays flat whatever the size of an upload or a download."""

import asyncio
from collections.abc import AsyncIterator

import psutil
import pytest

from tests.e2e.people import API, Person, somebody
from tests.e2e.servers import ServerProcess
from tests.e2e.wire import FORM_TYPE, a_photo_of, form, pieces
from tests.waiting import eventually

pytestmark = pytest.mark.one_process("the memory of the process that takes the upload")

MEBIBYTE = 1 << 20
SIZE = 150 * MEBIBYTE
ALLOWED = 40 * MEBIBYTE


@pytest.fixture
async def person(server: ServerProcess) -> AsyncIterator[Person]:
    async with somebody(server.url) as person:
        yield person


async def test_a_large_upload_and_its_download_take_little_memory(server: ServerProcess, person: Person) -> None:
    await person.uploaded(a_photo_of(6 * MEBIBYTE))  # what is loaded at the first use is loaded now
    content = a_photo_of(SIZE)
    body = form(content)
    before = server.process.memory_info().rss
    highest = Highest(server.process)

    sending = {"Content-Type": FORM_TYPE, "Content-Length": str(len(body))}
    async with highest:
        answer = await person.http.post(f"{API}/photos", content=pieces(body), headers=sending)
    assert answer.status_code == 201, answer.text
    assert highest.rss - before < ALLOWED, f"the upload took {(highest.rss - before) / MEBIBYTE:.0f} MiB"

    received = 0
    async with highest, person.http.stream("GET", f"{API}/photos/{answer.json()['id']}/file") as file:
        async for chunk in file.aiter_bytes():
            received += len(chunk)
    assert received == SIZE
    assert highest.rss - before < ALLOWED, f"the download took {(highest.rss - before) / MEBIBYTE:.0f} MiB"
    assert (await person.http.delete(f"{API}/photos/{answer.json()['id']}")).status_code == 204


class Highest:
    """Looks at a process again and again."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self.rss = 0

    async def __aenter__(self) -> None:
        self._looking = asyncio.create_task(eventually(self._look, within=600))

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        await asyncio.wait([self._looking])

    def _look(self) -> bool:
        self.rss = max(self.rss, self._process.memory_info().rss)
        return False

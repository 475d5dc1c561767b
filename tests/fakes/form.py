"""A form that arrives as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from photostore.upload.errors import UploadInvalid
from photostore.upload.form import IncomingFile, IncomingForm


class FakeForm(IncomingForm):
    """Some fields, the file in pieces, and more fields.

    `taken` counts the pieces that were read. `fault` is raised after the last piece, as when the client goes away; with
    `hangs` it never comes. `at_the_end` is called when all else was read.
    """

    def __init__(
        self,
        *pieces: bytes,
        before: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
        filename: str | None = "holiday.jpg",
        at_most: int | None = None,
        fault: Exception | None = None,
        hangs: bool = False,
        at_the_end: Callable[[], object] = lambda: None,
    ) -> None:
        self.taken = 0
        self.read_to_the_end = False
        self.hanging = asyncio.Event()
        self._pieces: Sequence[bytes] = pieces
        self._fields = dict(before or {})
        self._after = dict(after or {})
        self._filename = filename
        self._at_most = at_most
        self._fault = fault
        self._hangs = hangs
        self._at_the_end = at_the_end

    async def file(self) -> IncomingFile:
        if not self._pieces:
            raise UploadInvalid("there is no file in the form")
        return IncomingFile(filename=self._filename, at_most=self._at_most, chunks=self._chunks())

    async def rest(self) -> None:
        self._fields |= self._after
        self.read_to_the_end = True
        self._at_the_end()

    @property
    def fields(self) -> Mapping[str, str]:
        return self._fields

    async def _chunks(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            yield piece
        if self._hangs:
            self.hanging.set()
            await asyncio.Event().wait()
        if self._fault is not None:
            raise self._fault

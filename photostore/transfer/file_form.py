"""A file that is there already, as the form in which it would have been sent."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from photostore.transfer.told import Told
from photostore.upload.form import IncomingFile, IncomingForm


class FileForm(IncomingForm):
    """`turn` is waited for when all bytes are in the store, before the photo is made: so photos of which several come at
    once are made in their order."""

    def __init__(
        self,
        filename: str,
        chunks: AsyncIterator[bytes],
        told: Told,
        *,
        byte_size: int,
        turn: Callable[[], Awaitable[object]],
    ) -> None:
        self._file = IncomingFile(filename=told.filename or filename, at_most=byte_size, chunks=chunks)
        self._turn = turn
        self._fields = {
            "title": told.title or "",
            "description": told.description or "",
            "hashtags": ",".join(told.hashtags),
            # Of one that comes with all its hashtags the keywords were asked before.
            "keywords_as_hashtags": "false" if told.exact else "",
        }

    async def file(self) -> IncomingFile:
        return self._file

    async def rest(self) -> None:
        await self._turn()

    @property
    def fields(self) -> Mapping[str, str]:
        return self._fields

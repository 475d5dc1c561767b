"""Bytes of a blob as an HTTP answer: ranges and conditions of RFC 9110, and headers that let no browser execute them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, NotRequired, TypedDict, Unpack

from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from photostore.shared.blobs import BlobKey, BlobStore, BlobStoreUnavailable
from photostore_http.conditions import names_tag

_RANGE = re.compile(r"(\d{0,18})-(\d{0,18})", re.ASCII)
FORBID_EVERYTHING = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class RangeNotSatisfiable(HTTPException):
    """None of the bytes that were asked for exists. The header tells how many do."""

    status_code = 416

    def __init__(self, byte_size: int) -> None:
        super().__init__(detail=f"the content has {byte_size} bytes", headers={"Content-Range": f"bytes */{byte_size}"})


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`length` bytes from `offset`; at least one."""

    offset: int
    length: int


class Told(TypedDict):
    """What is told of bytes. `etag` is the strong tag without its quotes."""

    content_type: str
    etag: str
    disposition: str
    cache_control: str
    last_modified: NotRequired[datetime]
    headers: NotRequired[Mapping[str, str]]


ByteReader = Callable[[ByteRange], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Opens one range of some bytes."""


def serve_blob(
    request: Request[Any, Any, Any],
    store: BlobStore,
    key: BlobKey,
    *,
    byte_size: int,
    **told: Unpack[Told],
) -> ASGIResponse:
    """A blob. `byte_size` is what the caller knows of it, so that the store is asked for bytes alone."""
    return serve_bytes(request, blob_reader(store, key, byte_size), byte_size=byte_size, **told)


def serve_bytes(
    request: Request[Any, Any, Any], source: ByteReader, *, byte_size: int, **about: Unpack[Told]
) -> ASGIResponse:
    """The bytes, the one range of them that was asked for, or 304; to HEAD only the headers of that.

    The source is opened when the answer is sent: what it raises then is still told as a problem. Once bytes were sent,
    a fault breaks the connection, and nobody takes a part for the whole.
    """
    last_modified = about.get("last_modified")
    told = {
        **FORBID_EVERYTHING,
        "ETag": f'"{about["etag"]}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": about["cache_control"],
        **about.get("headers", {}),
    }
    if last_modified is not None:
        told["Last-Modified"] = format_datetime(last_modified, usegmt=True)
    # A POST may ask for a range of what it is answered; it is never told that it has all of it.
    if request.method != "POST" and names_tag(request, told["ETag"]):
        return ASGIResponse(status_code=304, headers=told)
    wanted = _wanted_range(request, told, byte_size)
    chosen = wanted or ByteRange(0, byte_size)
    told |= {
        "Content-Type": about["content_type"],
        "Content-Disposition": about["disposition"],
        "Content-Length": str(chosen.length),
    }
    if wanted is not None:
        told["Content-Range"] = f"bytes {wanted.offset}-{wanted.offset + wanted.length - 1}/{byte_size}"
    status = 200 if wanted is None else 206
    if "is_head" in request.scope:
        return ASGIResponse(status_code=status, headers=told, is_head_response=True)
    from_the_start = chosen.offset == 0
    return BytesResponse(
        source(chosen), length=chosen.length, from_the_start=from_the_start, status_code=status, headers=told
    )


def blob_reader(store: BlobStore, key: BlobKey, byte_size: int) -> ByteReader:
    @asynccontextmanager
    async def read(chosen: ByteRange) -> AsyncIterator[AsyncIterator[bytes]]:
        async with store.open(key, offset=chosen.offset, length=chosen.length) as blob:
            if blob.byte_size != byte_size:
                raise BlobStoreUnavailable("the blob store holds another number of bytes than it should")
            yield blob.chunks

    return read


class UnmeasuredResponse(ASGIResponse):
    """Without a length of which nobody said anything."""

    __slots__ = ()
    _should_set_content_length = False


class BytesResponse(UnmeasuredResponse):
    """Streams what is opened, and lets go of it as soon as the client has gone. Empty chunks are not sent.

    A fault, and an end before `length`, break the connection: nobody takes a part for the whole. `from_the_start` is whether
    it begins with the first byte: of one that is fetched range by range, one answer does.
    """

    __slots__ = ("_length", "_opened", "from_the_start")

    def __init__(
        self,
        opened: AbstractAsyncContextManager[AsyncIterator[bytes]],
        *,
        length: int | None,
        from_the_start: bool,
        status_code: int,
        headers: dict[str, str],
    ) -> None:
        super().__init__(status_code=status_code, headers=headers)
        self._opened = opened
        self._length = length
        self.from_the_start = from_the_start

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._opened as chunks:
            await self.start_response(send)
            gone = asyncio.create_task(_until_gone(receive))
            try:
                sent = 0
                async for chunk in chunks:
                    if gone.done():
                        return
                    sent += len(chunk)
                    if chunk:
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
                if self._length is not None and sent != self._length:
                    raise BlobStoreUnavailable("the blob store sent another number of bytes than it should")
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            finally:
                gone.cancel()
                await asyncio.wait([gone])
        await self.after_response()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _wanted_range(request: Request[Any, Any, Any], told: Mapping[str, str], byte_size: int) -> ByteRange | None:
    if_range = request.headers.get("if-range")
    if if_range is not None and if_range.strip() not in (told["ETag"], told.get("Last-Modified")):
        return None
    return parse_range(request.headers.get("range", ""), byte_size)


def parse_range(header: str, byte_size: int) -> ByteRange | None:
    """The one range asked for; `None`, which means the whole, when there is none, are several, or it makes no sense."""
    unit, _, listed = header.partition("=")
    ranges = [part.strip() for part in listed.split(",") if part.strip()]
    found = _RANGE.fullmatch(ranges[0]) if unit.strip().lower() == "bytes" and len(ranges) == 1 else None
    if found is None or found[0] == "-":
        return None
    first, last = found[1], found[2]
    if not first:
        return _suffix(int(last), byte_size)
    if last and int(last) < int(first):
        return None
    if int(first) >= byte_size:
        raise RangeNotSatisfiable(byte_size)
    end = min(int(last) + 1, byte_size) if last else byte_size
    return ByteRange(int(first), end - int(first))


def _suffix(length: int, byte_size: int) -> ByteRange | None:
    if length == 0:
        raise RangeNotSatisfiable(byte_size)
    kept = min(length, byte_size)
    return ByteRange(byte_size - kept, kept) if kept else None

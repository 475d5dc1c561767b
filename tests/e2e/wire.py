"""Uploads by hand, byte by byte: what no HTTP client does on purpose."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.e2e.people import API, Person
from tests.pictures import a_jpeg

_BOUNDARY = "a-boundary-that-does-not-occur"
FORM_TYPE = f"multipart/form-data; boundary={_BOUNDARY}"


def a_photo_of(byte_size: int, *, seed: int = 0) -> bytes:
    """A small picture with noise after its end: as large as one likes, quickly made, and unlike that of another seed."""
    picture = a_jpeg(64, 48)
    return picture + random.Random(seed).randbytes(byte_size - len(picture))


def form(content: bytes, **after: str) -> bytes:
    """A form of a file, and of fields after it, as no common client writes it."""
    parts = [_part("file", content, '; filename="photo.jpg"')]
    parts += [_part(name, value.encode()) for name, value in after.items()]
    return b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()


def _part(name: str, content: bytes, more: str = "") -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    """Sent so, its length is unknown beforehand, unless a header tells it."""
    for start in range(0, len(body), 1 << 18):
        yield body[start : start + (1 << 18)]


@dataclass(frozen=True, slots=True)
class UploadUnderWay:
    """A connection on which part of a form was sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    rest: bytes

    async def answer(self) -> bytes:
        """Whatever the server still says, up to when it closes the connection."""
        try:
            return await asyncio.wait_for(self.reader.read(), 30)
        except ConnectionError:
            return b""

    async def finish(self) -> bytes:
        """Send the rest, and return the status line."""
        self.writer.write(self.rest)
        await self.writer.drain()
        return await asyncio.wait_for(self.reader.readline(), 60)


@asynccontextmanager
async def half_an_upload(person: Person, content: bytes) -> AsyncIterator[UploadUnderWay]:
    """Announce all of it, send half of it, and then nothing."""
    body = form(content)
    url = urlsplit(str(person.http.base_url))
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        head = (
            f"POST {API}/photos HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: {person.http.headers['Authorization']}\r\n"
            f"Content-Type: {FORM_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        half = len(body) // 2
        writer.write(head.encode() + body[:half])
        await writer.drain()
        yield UploadUnderWay(reader, writer, body[half:])
    finally:
        writer.transport.abort()


@asynccontextmanager
async def a_download(person: Person, path: str) -> AsyncIterator[asyncio.StreamReader]:
    """The answer to a GET, up to the first line of it; the rest is read by whoever wants it."""
    url = urlsplit(str(person.http.base_url))
    reader, writer = await asyncio.open_connection(url.hostname, url.port, limit=1 << 16)
    try:
        authorization = person.http.headers["Authorization"]
        head = f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: {authorization}\r\n\r\n"
        writer.write(head.encode())
        assert (await asyncio.wait_for(reader.readline(), 60)).startswith(b"HTTP/1.1 200 ")
        yield reader
    finally:
        writer.transport.abort()

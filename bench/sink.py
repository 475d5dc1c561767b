"""An S3 store that keeps nothing but sizes and the first bytes: whatever it costs, it costs another process.

`python -m bench.sink` writes its port on the first line and serves until it is killed. It knows what a PUT of an object
needs, and looking at its beginning, and no more.
"""

import asyncio
import re
from typing import Any

import uvloop

_BUFFER = 1 << 20
_DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
_KEPT = 1 << 16
_RANGE = re.compile(rb"\r\nrange: bytes=0-(\d+)", re.IGNORECASE)
_SIZES: dict[bytes, int] = {}
_HEADS: dict[bytes, bytes] = {}


class _Sink(asyncio.BufferedProtocol):
    """Reads requests one after the other; bodies go into a buffer that is written over again and again."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(_BUFFER))
        self._head = b""
        self._request = b""
        self._left = 0
        self._kept = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._left:
            self._take(self._buffer[:nbytes])
            return
        self._head += self._buffer[:nbytes]
        head, end, body = self._head.partition(b"\r\n\r\n")
        if end:
            self._head, self._request, self._kept = b"", head, b""
            self._left = _content_length(head)
            self._take(body)

    def _take(self, body: bytes | memoryview) -> None:
        if len(self._kept) < _KEPT:
            self._kept += body[: _KEPT - len(self._kept)]
        self._left -= len(body)
        if self._left == 0:
            self._transport.write(_answer(self._request, self._kept))


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _answer(request: bytes, body: bytes) -> bytes:
    method, target, _ = request.split(b" ", 2)
    path = target.partition(b"?")[0]
    if method == b"PUT":
        _SIZES[path], _HEADS[path] = _content_length(request), body
        return _said("200 OK", "Content-Length: 0\r\n")
    if method == b"DELETE":
        return _said("204 No Content", "")
    size, wanted = _SIZES.get(path, 0), _RANGE.search(request)
    if method == b"GET" and wanted is not None:
        part = _HEADS.get(path, b"")[: int(wanted[1]) + 1]
        told = f"Content-Range: bytes 0-{len(part) - 1}/{size}\r\nContent-Length: {len(part)}\r\n"
        return _said("206 Partial Content", told) + part
    return _said("200 OK", f"Content-Length: {size}\r\n")


def _said(status: str, told: str) -> bytes:
    return f'HTTP/1.1 {status}\r\nETag: "none"\r\nLast-Modified: {_DATE}\r\n{told}\r\n'.encode()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())

"""An S3 store that keeps nothing but sizes: whatever it costs, it costs another process.

`python -m bench.sink` writes its port on the first line and serves until it is killed. It knows what a PUT of an object
needs, and no more.
"""

import asyncio
from typing import Any

import uvloop

_BUFFER = 1 << 20
_DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
_SIZES: dict[bytes, int] = {}


class _Sink(asyncio.BufferedProtocol):
    """Reads requests one after the other; bodies go into a buffer that is written over again and again."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(_BUFFER))
        self._head = b""
        self._request = b""
        self._left = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._left:
            self._take(nbytes)
            return
        self._head += self._buffer[:nbytes]
        head, end, body = self._head.partition(b"\r\n\r\n")
        if end:
            self._head, self._request = b"", head
            self._left = _content_length(head)
            self._take(len(body))

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left == 0:
            self._transport.write(_answer(self._request))


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _answer(request: bytes) -> bytes:
    method, target, _ = request.split(b" ", 2)
    path = target.partition(b"?")[0]
    if method == b"PUT":
        _SIZES[path] = _content_length(request)
    status, size = ("204 No Content", None) if method == b"DELETE" else ("200 OK", _SIZES.get(path, 0))
    length = 0 if method == b"PUT" else size
    told = "" if length is None else f"Content-Length: {length}\r\n"
    return f'HTTP/1.1 {status}\r\nETag: "none"\r\nLast-Modified: {_DATE}\r\n{told}\r\n'.encode()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())

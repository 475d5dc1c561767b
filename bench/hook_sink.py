"""Endpoints of webhooks that cost little: they answer 204, and keep when each message came and what it told.

`python -m bench.hook_sink` writes its port on the first line and serves until it is killed. What comes to `/hang` is never
answered. A GET tells what came, for each
path: the numbers of the changes, and by how much later than their titles say.
"""

import asyncio
import re
import time
from collections import defaultdict
from typing import Any

import msgspec
import uvloop

_HEAD = re.compile(rb"(GET|POST) (\S+) HTTP/1\.1\r\n(?:.*\r\n)*?\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_CAME: dict[str, list[tuple[int, float]]] = defaultdict(list)


class _Endpoint(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (head := _HEAD.match(self._unread)) is not None:
            told = _LENGTH.search(head[0])
            end = head.end() + (int(told[1]) if told else 0)
            if len(self._unread) < end:
                return
            body, self._unread = self._unread[head.end() : end], self._unread[end:]
            if not head[2].startswith(b"/hang"):
                self._transport.write(_answer(head[1], head[2].decode(), body))


def _answer(method: bytes, path: str, body: bytes) -> bytes:
    if method == b"GET":
        content = msgspec.json.encode(_CAME)
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)
    change = msgspec.json.decode(body)["data"]
    _CAME[path].append((change["seq"], time.time() - float(change["data"]["title"])))
    return b"HTTP/1.1 204 No Content\r\n\r\n"


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Endpoint, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())

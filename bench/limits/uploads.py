"""An upload with nothing around it: the form is parsed, the file hashed and passed on to a store, all as it arrives.

`python -m bench.limits.uploads SINK_PORT` writes its own port on the first line. No sign-in, no database, no
look at the picture.
"""

import hashlib
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec
import uvicorn
import uvloop
from multipart import MultipartSegment, PushMultipartParser, parse_options_header


class _Upload:
    def __init__(self, scope: Any, receive: Any) -> None:
        headers = dict(scope["headers"])
        self._length = int(headers[b"content-length"])
        self._boundary = parse_options_header(headers[b"content-type"].decode())[1]["boundary"]
        self._receive = receive
        self._parser = PushMultipartParser(self._boundary)
        self._digest = hashlib.sha256()

    async def put(self, http: aiohttp.ClientSession, url: str) -> str:
        events = self._events()
        head = await anext(events)
        headers = {"Content-Length": str(self._file_size(head))}
        async with http.put(url, data=self._chunks(events), headers=headers) as answer:
            answer.raise_for_status()
        return self._digest.hexdigest()

    def _file_size(self, head: bytes) -> int:
        """The client of this benchmark sends the file alone."""
        return self._length - head.find(b"\r\n\r\n") - 4 - len(self._boundary) - len("\r\n----\r\n")

    async def _events(self) -> AsyncIterator[Any]:
        first = True
        while True:
            message = await self._receive()
            if first:
                yield message["body"]
                first = False
            for event in self._parser.parse(message["body"]):
                if event is not None and not isinstance(event, MultipartSegment):
                    yield event
            if not message["more_body"]:
                return

    async def _chunks(self, events: AsyncIterator[Any]) -> AsyncIterator[bytes]:
        async for event in events:
            chunk = bytes(event)
            self._digest.update(chunk)
            yield chunk


async def _serve(sink_port: int) -> None:
    async with aiohttp.ClientSession() as http:

        async def app(scope: Any, receive: Any, send: Any) -> None:
            digest = await _Upload(scope, receive).put(http, f"http://127.0.0.1:{sink_port}/bench/{uuid4()}")
            body = msgspec.json.encode({"sha256": digest})
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 201, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        listening = socket.create_server(("127.0.0.1", 0))
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(app, http="httptools", ws="none", lifespan="off", log_config=None, access_log=False)
        await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))

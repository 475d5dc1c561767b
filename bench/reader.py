"""Clients that cost little: so many at once, each with a connection of its own, asking for the same page again and again.

`python -m bench.reader` writes its port on the first line and serves until it is killed. A line of JSON asks it to read:
`{"ports", "path", "token", "connections", "requests"}`; it answers with the seconds that this took. The connections are
spread over the ports. Any answer but a 200 ends it.
"""

import asyncio
import time
from typing import Any

import msgspec
import uvloop


async def _serve_reads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        told = await _read(msgspec.json.decode(line))
        writer.write(b"%.6f\n" % told)
        await writer.drain()


async def _read(asked: dict[str, Any]) -> float:
    head = (
        f"GET {asked['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {asked['token']}\r\n"
        "Accept: application/json\r\n\r\n"
    ).encode()
    left = iter(range(asked["requests"]))
    ports = asked["ports"]
    connections = [
        await asyncio.open_connection("127.0.0.1", ports[number % len(ports)]) for number in range(asked["connections"])
    ]
    began = time.perf_counter()
    await asyncio.gather(*(_ask(*connection, head, left) for connection in connections))
    took = time.perf_counter() - began
    for _, writer in connections:
        writer.close()
    return took


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, left: Any) -> None:
    for _ in left:
        writer.write(head)
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"read: {answer.decode()}")
        length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)


async def _main() -> None:
    server = await asyncio.start_server(_serve_reads, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main())

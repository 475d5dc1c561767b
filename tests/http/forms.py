"""Multipart forms byte by byte, as good clients send them and bad ones do; and connections that break."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from photostore_http.observing import Observed

BOUNDARY = "a-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()


def file_part(content: bytes, *, filename: str = "a.jpg", name: str = "file") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    return f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + content + b"\r\n"


def field_part(name: str, value: bytes) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def send_raw(
    app: Observed,
    path: str,
    token: str,
    pieces: Sequence[bytes],
    *,
    length: int | None,
    then: str,
    key: str | None = None,
) -> tuple[int, int]:
    """Post these pieces; `then` the client goes away (`disconnect`) or says nothing more (`silence`).

    The status that the service answered, and how many pieces it had taken by then.
    """
    headers = {"authorization": f"Bearer {token}", "content-type": FORM}
    if key is not None:
        headers["idempotency-key"] = key
    if length is not None:
        headers["content-length"] = str(length)
    return await send_pieces(app, "POST", path, headers, pieces, then=then)


async def send_pieces(
    app: Observed, method: str, path: str, headers: Mapping[str, str], pieces: Sequence[bytes], *, then: str
) -> tuple[int, int]:
    """The same of any request."""
    left = list(pieces)
    answered: list[int] = []

    async def receive() -> Any:
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": True}
        if then == "silence":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("photos.test", 80),
        "extensions": {},
    }
    async with asyncio.timeout(5):
        await app(scope, receive, send)
    return answered[0], len(pieces) - len(left)

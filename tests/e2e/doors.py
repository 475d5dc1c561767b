"""A client for each door, that insists: whatever breaks, it goes on or begins again until its photo is acknowledged."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import Any

import httpx2

from tests.callers import caller
from tests.e2e.people import API, Person

Door = Callable[[Person, bytes], Awaitable[str]]
_TUS = {"Tus-Resumable": "1.0.0"}
_PIECE = {**_TUS, "Content-Type": "application/offset+octet-stream"}
# Interrupted, refused for now, or of something that another try holds yet.
_LATER = {408, 409, 423, 500, 502, 503, 504}
_PAUSE_SECONDS = 0.2


class _Later(Exception):
    """Worth another try."""


class _Gone(Exception):
    """The upload has ended: begin another."""


async def by_form(person: Person, content: bytes) -> str:
    return str((await _answered(person.upload(content))).json()["id"])


async def by_direct_upload(person: Person, content: bytes) -> str:
    """As an app does that knows the digest."""
    return await _directly(person, content, {"sha256": sha256(content).hexdigest()})


async def in_parts(person: Person, content: bytes) -> str:
    return await _directly(person, content, {"part_bytes": 5 << 20})


async def by_tus(person: Person, content: bytes) -> str:
    """In two pieces, the second from wherever the first came to."""
    name = b64encode(b"photo.jpg").decode()
    begin = {**_TUS, "Upload-Length": str(len(content)), "Upload-Metadata": f"filename {name}"}
    begun = await _answered(person.http.post(f"{API}/uploads/tus", headers=begin))
    url = begun.headers["Location"]
    while True:
        with suppress(_Later):
            told = await _answered(person.http.head(url, headers=_TUS))
            if "Photostore-Photo-Id" in told.headers:
                return str(told.headers["Photostore-Photo-Id"])
            offset = int(told.headers["Upload-Offset"])
            piece = content[offset : len(content) // 2] if offset < len(content) // 2 else content[offset:]
            headers = {**_PIECE, "Upload-Offset": str(offset)}
            await _answered(person.http.patch(url, headers=headers, content=piece))
            continue
        await asyncio.sleep(_PAUSE_SECONDS)


DOORS: Mapping[str, Door] = {"form": by_form, "direct": by_direct_upload, "tus": by_tus, "parts": in_parts}


async def insist(door: Door, person: Person, content: bytes) -> str:
    """The id of the photo."""
    while True:
        try:
            return await door(person, content)
        except (_Later, _Gone):
            await asyncio.sleep(_PAUSE_SECONDS)


async def _directly(person: Person, content: bytes, more: Mapping[str, Any]) -> str:
    file = {"filename": "photo.jpg", "content_type": "image/jpeg", "byte_size": len(content), **more}
    upload = await _again(partial(person.http.post, f"{API}/uploads", json=file))
    while upload["photo"] is None:
        with suppress(_Later):
            for part in upload["parts"]:
                if not part["received"]:
                    await _send(part, content)
            photo = await _answered(person.http.post(f"{API}/uploads/{upload['id']}/complete"))
            return str(photo.json()["id"])
        upload = await _again(partial(person.http.get, f"{API}/uploads/{upload['id']}"))
        if upload["state"] not in ("pending", "completing", "completed"):
            raise _Gone
    return str(upload["photo"]["id"])


async def _again(request: Callable[[], Awaitable[httpx2.Response]]) -> dict[str, Any]:
    while True:
        with suppress(_Later):
            told: dict[str, Any] = (await _answered(request())).json()
            return told
        await asyncio.sleep(_PAUSE_SECONDS)


async def _send(part: Mapping[str, Any], content: bytes) -> None:
    piece = content[part["offset"] :][: part["byte_size"]]
    with suppress(httpx2.TransportError):
        async with caller() as http:
            # What the store says of it is asked of photostore afterwards.
            await http.request(part["method"], part["url"], headers=part["headers"], content=piece)


async def _answered(request: Awaitable[httpx2.Response]) -> httpx2.Response:
    try:
        answer = await request
    except httpx2.TransportError:
        raise _Later from None
    if answer.status_code == 404:
        raise _Gone
    if answer.status_code in _LATER:
        raise _Later
    assert answer.status_code < 300, answer.text
    return answer

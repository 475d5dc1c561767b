"""Someone who uses photostore over HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

from tests.callers import caller

API = "/api/v1"
PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Signed in; `http` sends their token."""

    id: str
    email: str
    http: httpx2.AsyncClient

    async def upload(self, content: bytes, filename: str = "photo.jpg", **fields: str) -> httpx2.Response:
        return await self.http.post(f"{API}/photos", data=fields, files={"file": (filename, content)})

    async def uploaded(self, content: bytes, filename: str = "photo.jpg", **fields: str) -> Mapping[str, Any]:
        """The photo that was made."""
        answer = await self.upload(content, filename, **fields)
        assert answer.status_code == 201, answer.text
        photo: dict[str, Any] = answer.json()
        return photo

    async def photos(self, **query: str) -> list[dict[str, Any]]:
        """All of them, or those that the query names."""
        answer = await self.http.get(f"{API}/photos", params={"limit": "200", **query})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


async def register(http: httpx2.AsyncClient, email: str) -> httpx2.Response:
    return await http.post(f"{API}/auth/register", json={"email": email, "password": PASSWORD})


async def sign_in(http: httpx2.AsyncClient, email: str) -> str:
    """An access token."""
    answer = await http.post(f"{API}/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@asynccontextmanager
async def bearer(url: str, token: str) -> AsyncIterator[Person]:
    """Whoever has the token."""
    async with caller(url) as http:
        http.headers["Authorization"] = f"Bearer {token}"
        me = await http.get(f"{API}/auth/me")
        assert me.status_code == 200, me.text
        yield Person(id=me.json()["id"], email=me.json()["email"], http=http)


@asynccontextmanager
async def somebody(url: str) -> AsyncIterator[Person]:
    """A new local account, signed in."""
    email = f"{uuid4().hex}@example.org"
    async with caller(url) as http:
        registered = await register(http, email)
        assert registered.status_code == 201, registered.text
        token = await sign_in(http, email)
    async with bearer(url, token) as person:
        yield person

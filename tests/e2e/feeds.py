"""All that a person has, page by page, and all that their change feed tells of it."""

from collections.abc import AsyncIterator
from typing import Any

from tests.e2e.people import API, Person


async def listed(person: Person, what: str, **query: str) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list."""
    cursor: dict[str, str] = {}
    while True:
        page = (await person.http.get(f"{API}/{what}", params={"limit": "200", **query, **cursor})).json()
        for item in page["items"]:
            yield item
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


async def changes(person: Person) -> AsyncIterator[dict[str, Any]]:
    """The change feed from its beginning on."""
    cursor: dict[str, str] = {}
    while True:
        page = (await person.http.get(f"{API}/changes", params={"limit": "200", **cursor})).json()
        for change in page["items"]:
            yield change
        if not page["items"]:
            return
        cursor = {"cursor": page["next_cursor"]}


async def replay(person: Person) -> tuple[list[int], dict[str, str]]:
    """The numbers of all changes, and the digests of the photos that are there after the last one."""
    seqs, library = list[int](), dict[str, str]()
    async for change in changes(person):
        seqs.append(change["seq"])
        if change["event"] == "photo.deleted":
            library.pop(change["id"], None)
        elif change["entity"] == "photo" and change["data"]:
            library[change["id"]] = change["data"]["sha256"]
    return seqs, library

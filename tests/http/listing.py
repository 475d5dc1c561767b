"""A list as a client reads it: page by page, by the `Link` of each answer."""

from typing import Any

import httpx


async def pages(http: httpx.AsyncClient, path: str) -> list[Any]:
    """The documents of all its pages. Link and cursor say the same."""
    found: list[Any] = []
    asked: str | None = path
    while asked is not None:
        answer = await http.get(asked)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        asked = answer.links["next"]["url"] if "next" in answer.links else None
        assert (asked is None) == (found[-1]["next_cursor"] is None)
    return found

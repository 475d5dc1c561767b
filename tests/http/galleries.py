"""Visiting the page for people, as a browser does."""

from typing import Any
from urllib.parse import urlencode

import httpx

from tests.http.pages import Page
from tests.http.shares import PASSWORD

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


def at(link: dict[str, Any], rest: str = "") -> str:
    return f"/s/{link['token']}{rest}"


async def page_of(http: httpx.AsyncClient, link: dict[str, Any], rest: str = "", **headers: str) -> Page:
    return Page(
        await http.get(at(link, rest), headers={name.replace("_", "-"): told for name, told in headers.items()})
    )


async def enter(http: httpx.AsyncClient, link: dict[str, Any], password: str = PASSWORD) -> httpx.Response:
    """Send the password form, as the page does."""
    return await http.post(at(link, "/unlock"), content=urlencode({"password": password}), headers=FORM)

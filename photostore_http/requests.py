"""Requests whose JSON is refused rather than failed on, whatever is the matter with it."""

import asyncio
import re
from collections.abc import AsyncGenerator, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from dishka import AsyncContainer
from litestar import Request
from litestar.exceptions import ClientException, InternalServerException, ValidationException

from photostore.shared.errors import Malformed, TimedOut
from photostore_http.digests import CONTENT_DIGEST, checked, told_sha256
from photostore_http.settings import HttpSettings

R = TypeVar("R")

# Deep enough for any use, and far from where recursion ends.
_DEEPEST = 64
_PLACE = re.compile(r"(.*) - at `(?:key in )?\$\.?(.*)`", re.DOTALL)


class BodyInterrupted(Malformed):
    title = "The body of the request broke off."


class BodyStalled(TimedOut):
    title = "The body of the request stopped coming."


class StrictRequest(Request[Any, Any, Any]):
    def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it arrives. Each piece has its time, and a client that goes away is no fault of ours.

        Where `Content-Digest` tells its digest, its end raises `DigestMismatch` for another: so it must be read to the end.
        """
        return checked(self._pieces(super().stream()), CONTENT_DIGEST, told_sha256(self, CONTENT_DIGEST))

    async def _pieces(self, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        container: AsyncContainer = self.app.state.dishka_container
        seconds = (await container.get(HttpSettings)).stall_seconds
        while True:
            try:
                async with asyncio.timeout(seconds):
                    piece = await anext(pieces, None)
            except TimeoutError:
                raise BodyStalled(f"Nothing came for {seconds:g} seconds.") from None
            except InternalServerException:
                raise BodyInterrupted("The client went away before the end of the body.") from None
            if piece is None:
                return
            yield piece

    async def body(self) -> bytes:
        """What handlers with `data` ask for; to them nothing at all is no body."""
        body = await super().body()
        if not body and "data" in self.route_handler.parsed_fn_signature.parameters:
            raise ClientException("The body is empty.")
        return body

    async def json(self) -> Any:
        """What the handler asks for, by the strict rules of JSON: `"1"` is no number and 0 no time."""
        try:
            value = await super().json()
        except UnicodeDecodeError:
            raise ClientException("The body is not UTF-8.") from None
        except RecursionError:
            raise ClientException("The body is nested too deeply.") from None
        if _is_too_deep(value):
            raise ClientException(f"The body is nested more than {_DEEPEST} levels deep.")
        data = self.route_handler.parsed_fn_signature.parameters.get("data")
        try:
            return value if data is None else msgspec.convert(value, data.annotation, strict=True)
        except msgspec.ValidationError as error:
            raise _invalid(str(error)) from None


async def while_connected(request: Request[Any, Any, Any], work: Coroutine[Any, Any, R]) -> R:
    """What comes of `work`, which is broken off when the client goes away. The request has no body to be read."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise BodyInterrupted("The client went away.")
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _left(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def misfit(text: str) -> tuple[str, str]:
    """Which key msgspec means, `data` for the whole, and what is the matter with it."""
    placed = _PLACE.fullmatch(text)
    message, place = (placed[1], placed[2]) if placed else (text, "")
    return place or "data", message


def _invalid(text: str) -> ValidationException:
    key, message = misfit(text)
    return ValidationException(extra=[{"key": key, "message": message}])


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: object) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []

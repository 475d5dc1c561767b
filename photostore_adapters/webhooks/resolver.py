"""Names become addresses, of which only those are left that may be connected to.

The connection goes to the very addresses that were looked at, so no second answer of the name's server leads elsewhere.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from photostore.webhook.addresses import Address

# A name whose server takes its time keeps a thread for as long, and must not take those of anything else.
_AT_ONCE = 64
Found = tuple[Any, ...]


class AddressRefused(OSError):
    """The name leads nowhere that may be connected to."""


class CheckedResolver(AbstractResolver):
    def __init__(self, permits: Callable[[Address], bool]) -> None:
        self._permits = permits
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raise `AddressRefused`, or another `OSError` when the name is unknown."""
        await self._places.acquire()
        found = await _look_up(host, port, family, done=self._places.release)
        permitted = [each for each in found if self._is_permitted(str(each[4][0]))]
        if found and not permitted:
            raise AddressRefused("the name leads to no address that may be connected to")
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, proto, _, address in permitted
        ]

    async def close(self) -> None:
        """Threads that still wait for a name end by themselves."""

    def _is_permitted(self, address: str) -> bool:
        with suppress(ValueError):
            # A link-local address may carry its interface; none of those is permitted with one.
            return "%" not in address and self._permits(ip_address(address))
        return False


async def _look_up(host: str, port: int, family: socket.AddressFamily, *, done: Callable[[], None]) -> list[Found]:
    """In a thread of its own that keeps no process from ending; who is cancelled does not wait for it."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[list[Found]] = loop.create_future()

    def answer(found: list[Found] | None, error: OSError | None) -> None:
        done()
        if answered.done():
            return
        if error is not None:
            answered.set_exception(error)
        else:
            answered.set_result(found or [])

    def look() -> None:
        found: list[Found] | None = None
        error: OSError | None = None
        try:
            found = list(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG))
        except (OSError, UnicodeError) as fault:
            error = fault if isinstance(fault, OSError) else OSError(str(fault))
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(answer, found, error)

    threading.Thread(target=look, name="webhook name", daemon=True).start()
    return await answered

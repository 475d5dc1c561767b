"""Parts of the service that are well, are not, or never say."""

import asyncio

from photostore.shared.health import Degraded, HealthCheck


class Well(HealthCheck):
    def __init__(self, name: str) -> None:
        self.name = name

    async def check(self) -> None:
        pass


class Broken(Well):
    async def check(self) -> None:
        raise ConnectionError(f"{self.name} is down")


class Hanging(Well):
    async def check(self) -> None:
        await asyncio.Event().wait()


class HalfWell(Well):
    async def check(self) -> None:
        raise Degraded("half of it works")

"""Whether the database answers."""

from photostore.shared.health import HealthCheck
from photostore_adapters.postgres.reading import Reader, Statement

_ASK = Statement("SELECT 1", ())


class DatabaseCheck(HealthCheck):
    name = "database"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def check(self) -> None:
        await self._reader.fetch(_ASK)

"""How to reach Postgres."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresSettings:
    """`url` is libpq's (`postgresql://...`), and holds the password: it is never shown. Timeouts in seconds."""

    url: str
    pool_size: int = 10
    statement_timeout: int = 30
    connect_timeout: int = 3

    def __repr__(self) -> str:
        return f"PostgresSettings(pool_size={self.pool_size})"

    @property
    def sqlalchemy_url(self) -> str:
        return "postgresql+asyncpg://" + self.url.split("://", 1)[1]

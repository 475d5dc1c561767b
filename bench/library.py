"""The library that pages are read from."""

from pathlib import Path

import asyncpg

_SQL = Path(__file__).with_name("library.sql").read_text()


async def load(database_url: str, *more: str) -> None:
    """A million photos; the one user who is there owns a hundred thousand of them. And `more` statements."""
    connection = await asyncpg.connect(database_url)
    try:
        for statements in (_SQL, *more):
            await connection.execute(statements)
        # As autovacuum would have left it by and by; it must not start while something is measured.
        await connection.execute("ALTER SYSTEM SET autovacuum = off")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()

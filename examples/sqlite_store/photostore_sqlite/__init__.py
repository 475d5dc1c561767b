"""A blob store for photostore in one file of SQLite."""

from photostore_sqlite.provider import SqliteProvider

__all__ = ["SqliteProvider"]

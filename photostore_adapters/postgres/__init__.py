"""Postgres: repositories and the unit of work over SQLAlchemy, reads straight over asyncpg."""

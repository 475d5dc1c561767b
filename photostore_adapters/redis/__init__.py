"""Redis or Valkey, beside Postgres: changes for other programs, a cache, rate limits. While it is away Postgres does."""

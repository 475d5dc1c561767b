"""Containers of all use cases: on fakes, and on a real Postgres with fakes around it."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from dishka import AsyncContainer, Provider

from photostore_adapters.jobs.provider import JobsProvider
from photostore_adapters.postgres.answer_seal import AnswerSealSettings
from photostore_adapters.postgres.credentials import CredentialCaching
from photostore_adapters.postgres.media_revocations import MediaRevocationSettings
from photostore_adapters.postgres.provider import PostgresProvider, PostgresRateLimits
from photostore_adapters.postgres.quotas import QuotaDefault
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.redis.provider import RedisProvider, RedisRateLimits
from photostore_adapters.redis.settings import RedisSettings
from tests.fakes.provider import FakeWorldProvider, fakes_provider, use_cases_provider
from tests.fakes.store import FakeStore
from tests.graphs import container_of

QUOTA_BYTES = 1_000_000
# For the tests that wait until an answer is no longer remembered; photostore itself takes some seconds.
REMEMBERED_SECONDS = 0.3

# For those that see what others do about it.
LONG_REMEMBERING: Mapping[Any, Any] = {
    CredentialCaching: CredentialCaching(max_age_seconds=3600),
    MediaRevocationSettings: MediaRevocationSettings(
        longest_life=timedelta(hours=2), fresh_seconds=3600, trusted_seconds=3600
    ),
}


def on_fakes(store: FakeStore) -> AsyncContainer:
    return container_of(fakes_provider(), use_cases_provider(), context={FakeStore: store})


def on_redis(
    store: FakeStore, database_url: str, redis_url: str, *, remembering: Mapping[Any, Any] | None = None
) -> AsyncContainer:
    """On Postgres, with a Redis before it, whose answers no test waits for as shortly as requests do."""
    context = {RedisSettings: RedisSettings(url=redis_url, command_timeout=2.0), **(remembering or {})}
    return on_postgres(store, database_url, *_redis_providers(), context=context)


def on_postgres(
    store: FakeStore, database_url: str, *more: Provider, context: Mapping[Any, Any] | None = None
) -> AsyncContainer:
    return container_of(
        *_postgres_providers(),
        *more,
        context={
            FakeStore: store,
            PostgresSettings: PostgresSettings(url=database_url, pool_size=8),
            QuotaDefault: QuotaDefault(byte_size=QUOTA_BYTES),
            MediaRevocationSettings: MediaRevocationSettings(
                longest_life=timedelta(hours=2),
                fresh_seconds=REMEMBERED_SECONDS,
                trusted_seconds=2 * REMEMBERED_SECONDS,
            ),
            AnswerSealSettings: AnswerSealSettings(keys=[bytes(32)]),
            CredentialCaching: CredentialCaching(max_age_seconds=REMEMBERED_SECONDS),
            **(context or {}),
        },
    )


@cache
def _postgres_providers() -> tuple[Provider, ...]:
    return PostgresProvider(), PostgresRateLimits(), JobsProvider(), FakeWorldProvider(), use_cases_provider()


@cache
def _redis_providers() -> tuple[Provider, ...]:
    return RedisProvider(), RedisRateLimits()

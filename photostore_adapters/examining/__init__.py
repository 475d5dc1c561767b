"""Trying what photostore depends on: one file a part. Whatever one part finds, the others are tried all the same."""

import asyncio
from collections.abc import Mapping
from functools import partial

from photostore_adapters.examining.decoders import examine_decoders
from photostore_adapters.examining.disk import examine_disk
from photostore_adapters.examining.finding import Examine, Finding, Part, State
from photostore_adapters.examining.smells import examine_settings
from photostore_adapters.settings import Settings
from photostore_adapters.system.clock import SystemClock

__all__ = ["Finding", "State", "examined", "told_within"]

PATIENCE_SECONDS = 20.0


async def examined(
    settings: Settings, database_url: str | None, *, patience: float = PATIENCE_SECONDS
) -> list[Finding]:
    """All parts side by side, each for so many seconds at most. Without a URL there is no database to be tried."""
    parts = {**_own_parts(settings, database_url), **_others_parts(settings, database_url)}
    found = await asyncio.gather(*(told_within(patience, name, examine) for name, examine in parts.items()))
    return [finding for findings in found for finding in findings]


def _own_parts(settings: Settings, database_url: str | None) -> Mapping[str, Examine]:
    from photostore_adapters.examining.database import examine_database
    from photostore_adapters.examining.folder import examine_folder

    clock = SystemClock()
    parts: dict[str, Examine] = {
        "settings": lambda: examine_settings(settings),
        "database": lambda: examine_database(settings, database_url, clock),
    }
    if settings.folder_enabled:
        parts["storage"] = lambda: examine_folder(settings.blob_folder)
    return parts


def _others_parts(settings: Settings, database_url: str | None) -> Mapping[str, Examine]:
    """What only some installations have is loaded by those alone."""
    parts: dict[str, Examine] = {}
    clock = SystemClock()
    if settings.s3_enabled:
        from photostore_adapters.context import s3_of
        from photostore_adapters.examining.bucket import examine_bucket

        parts["storage"] = lambda: examine_bucket(s3_of(settings), settings.cors.allow_origins, clock)
    if settings.adapters.any:
        from photostore_adapters.examining.outside import examine_adapters

        parts["adapters"] = lambda: examine_adapters(settings)
    if settings.adapters.storage is not None:
        from photostore_adapters.examining.outside import examine_store

        parts["storage"] = lambda: examine_store(settings, database_url)
    if settings.storage.replicas:
        from photostore_adapters.examining.replicas import examine_replica

        for replica in settings.storage.replicas:
            parts[f"replica {replica.name}"] = partial(examine_replica, replica, clock)
    if settings.oidc_enabled:
        from photostore_adapters.context import oidc_of
        from photostore_adapters.examining.identity import examine_identity_provider

        parts["oidc"] = lambda: examine_identity_provider(oidc_of(settings), settings.oidc_redirect_uri, clock)
    if settings.redis_enabled:
        from photostore_adapters.channel import redis_settings
        from photostore_adapters.examining.redis import examine_redis

        parts["redis"] = lambda: examine_redis(redis_settings(settings))
    if settings.tracing_enabled:
        from photostore_adapters.examining.tracing import examine_tracing
        from photostore_adapters.observability.tracing.choosing import tracing_settings

        parts["tracing"] = lambda: examine_tracing(tracing_settings(settings))
    parts["disk"] = lambda: examine_disk(settings)
    parts["decoders"] = lambda: examine_decoders(settings)
    return parts


async def told_within(patience: float, name: str, examine: Examine) -> list[Finding]:
    """What one part finds in so many seconds, whatever goes wrong with it."""
    found = list[Finding]()
    try:
        async with asyncio.timeout(patience):
            async for finding in examine():
                found.append(finding)
    except TimeoutError:
        fix = "Look whether what it tries hangs; what is told above was found before."
        found.append(Part(name).failed("time", f"It was not done after {patience:g} seconds.", fix))
    except Exception as error:  # noqa: BLE001 - the other parts are to be told of all the same
        fix = "This is a mistake of photostore's: report it with this line."
        found.append(Part(name).failed("examination", f"It broke off: {error!r}", fix))
    return found

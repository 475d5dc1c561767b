"""Whether Redis is there, allows what is needed, and answers before requests stop waiting for it."""

from photostore_adapters.examining.finding import Findings, Part
from photostore_adapters.redis.examining import Refused, Unreachable, tried
from photostore_adapters.redis.settings import RedisSettings

_PART = Part("redis")


async def examine_redis(settings: RedisSettings) -> Findings:
    try:
        found = await tried(settings)
    except Unreachable as error:
        fix = "Mend REDIS__URL, or start it; until then everything works from Postgres."
        yield _PART.failed("connection", f"It cannot be used: {error}.", fix)
        return
    except Refused as refusal:
        yield _PART.ok("connection", "It answers.")
        fix = "Allow it (docs/operations/redis.md names all that is needed), or name a server that takes writes."
        yield _PART.failed("rights", f"{refusal.command} is refused: {refusal}.", fix)
        return
    yield _PART.ok("connection", f"It is {found.version}.")
    yield _PART.ok("rights", "All that is needed is allowed.")
    took, patience = found.slowest_seconds * 1000, settings.command_timeout * 1000
    told = f"The slowest of its answers took {took:.1f} ms."
    if took < patience:
        yield _PART.ok("speed", told)
    else:
        fix = f"Requests wait for {patience:g} ms (REDIS__COMMAND_TIMEOUT_MS): have it nearer, or let them wait longer."
        yield _PART.warning("speed", told, fix)

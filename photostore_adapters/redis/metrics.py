"""What is measured of Redis. Loaded, and so told, only where Redis is set."""

from prometheus_client import Counter, Gauge

REDIS_UP = Gauge(
    "photostore_redis_up", "Whether this process uses Redis (1) or does without it (0).", multiprocess_mode="livemin"
)
REDIS_ERRORS = Counter(
    "photostore_redis_errors_total",
    "What went wrong with Redis: timeout (a command was not waited for), lost (the connection), refused (a command).",
    ("kind",),
)
PHOTO_CACHE = Counter(
    "photostore_photo_cache_total",
    "Photos looked for in the cache: hit, miss, or away (Redis was not to be had).",
    ("outcome",),
)
RELAYED = Counter("photostore_relayed_changes_total", "Changes that were published on the channel, repeats counted.")

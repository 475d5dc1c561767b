"""What must hold of `storage.replicas` together: each is one store, and none is another's or the primary's."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .schema import KEYS
from .sections import ReplicaItem
from .settings import Settings

_BUCKET_REQUIRED = ("aws_access_key_id", "aws_secret_access_key")
_BUCKET_ONLY = (*_BUCKET_REQUIRED, "endpoint_url")
Place = Path | tuple[str | None, str | None]
_ELSEWHERE: Place = (None, None)  # where no replica can be


def contradicting_replicas(settings: Settings) -> Iterator[str]:
    """One line a mistake."""
    label, replicas = KEYS["storage.replicas"].label, settings.storage.replicas
    for number, replica in enumerate(replicas, start=1):
        for mistake in _mistakes(replica):
            yield f"{label} is wrong: item {number} ({replica.name}): {mistake}"
    for name, times in Counter(replica.name for replica in replicas).items():
        if times > 1:
            yield f"{label} has {times} items named {name}; each name should be there once"
    yield from (f"{label} is wrong: {mistake}" for mistake in _shared(settings))
    if replicas and settings.media.delivery == "accel":
        yield f"{KEYS['media.delivery'].label} is accel; with replicas it should be stream or redirect: the proxy knows none"


def _mistakes(replica: ReplicaItem) -> Iterator[str]:
    if replica.folder is None and replica.bucket_name is None:
        yield "it should have a folder or a bucket_name"
    elif replica.folder is None:
        yield from (f"{name} is missing" for name in _BUCKET_REQUIRED if getattr(replica, name) is None)
    elif replica.bucket_name is not None:
        yield "it has a folder and a bucket_name; it should be one of the two"
    else:
        given = [name for name in _BUCKET_ONLY if getattr(replica, name) is not None]
        yield from (f"{name} belongs to a bucket, and this is a folder" for name in given)


def _shared(settings: Settings) -> Iterator[str]:
    """A copy in the same place is none."""
    places: list[tuple[str, Place]] = [("the primary store", _primary(settings))]
    for replica in settings.storage.replicas:
        place = _place(replica)
        for name, other in places:
            if _overlap(place, other):
                yield f"{replica.name} lies where {name} does; it should be another place"
        places.append((replica.name, place))


def _primary(settings: Settings) -> Place:
    if settings.s3_enabled:
        return settings.s3.endpoint_url, settings.s3.bucket_name
    return settings.blob_folder.absolute() if settings.folder_enabled else _ELSEWHERE


def _place(replica: ReplicaItem) -> Place:
    return replica.folder.absolute() if replica.folder is not None else (replica.endpoint_url, replica.bucket_name)


def _overlap(one: Place, other: Place) -> bool:
    if isinstance(one, Path) and isinstance(other, Path):
        return one.is_relative_to(other) or other.is_relative_to(one)
    return one == other and (isinstance(one, Path) or one[1] is not None)

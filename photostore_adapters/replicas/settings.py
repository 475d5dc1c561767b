"""Which replicas there are, in the order in which they are read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.s3.settings import S3Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationSettings:
    """Folders and buckets by name. `patience` in seconds is how long a reader waits for one of them; `signing` is for URLs of
    this server, where the primary is not a folder; its own is nobody's."""

    replicas: Mapping[str, Path | S3Settings]
    patience: float
    verify: bool
    signing: FilesystemSettings | None = None

    @property
    def names(self) -> Sequence[str]:
        return tuple(self.replicas)

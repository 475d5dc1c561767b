"""Where the files lie, and how they are reached from outside."""

from dataclasses import dataclass, field
from pathlib import Path

MIN_KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesystemSettings:
    """`base_url` is the server's own address as clients see it: signed URLs start with it and go on with `/blobs/`."""

    root: Path
    base_url: str
    signing_key: bytes = field(repr=False)
    min_free_bytes: int = 256 << 20

    def __post_init__(self) -> None:
        if len(self.signing_key) < MIN_KEY_BYTES:
            raise ValueError(f"the key that signs blob URLs has fewer than {MIN_KEY_BYTES} bytes")

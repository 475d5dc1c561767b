"""How many decoder processes there are, and what each may take."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from photostore_adapters.imaging.decoding.task import DecodingLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderSettings:
    """`cpu_seconds` and `wall_seconds` are a decode's, `memory_bytes` (of address space) the process's own.

    `file_bytes` bounds every file that it writes. A process makes way for a fresh one after `recycle_after` decodes.
    `scratch_folder` holds originals and renditions while they are worked on, without names; None is the system's own.
    `files` is whether a decoder may open any file; those for pictures need none but their own programs.
    `decode` and `prove` name the functions that the process runs, as `module:function`.
    """

    limits: DecodingLimits
    processes: int = field(default_factory=lambda: os.cpu_count() or 1)
    wall_seconds: float = 20
    cpu_seconds: int = 20
    memory_bytes: int = 1536 << 20
    file_bytes: int = 256 << 20
    recycle_after: int = 100
    start_seconds: float = 30
    scratch_folder: Path | None = None
    files: bool = False
    decode: str = "photostore_adapters.imaging.decoding.decode:decode"
    prove: str = "photostore_adapters.imaging.decoding.proof:prove"

    def __post_init__(self) -> None:
        if self.processes < 1:
            raise ValueError(f"{self.processes} decoder processes are too few: at least 1 is needed")

"""What an import did, and what it could not do."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ToldFile:
    name: str
    reason: str


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """Done by now. Of `pictures` in all `imported` are new (or would be, of a dry run), `known` were there before, and of
    those `completed` lacked something. `not_tried` are those after the quota was used up (`stopped` says so). `documents` say
    something of pictures that are not there."""

    dry_run: bool = False
    pictures: int = 0
    imported: int = 0
    bytes_imported: int = 0
    known: int = 0
    completed: int = 0
    trashed: int = 0
    not_tried: int = 0
    albums_created: int = 0
    albums_known: int = 0
    added_to_albums: int = 0
    photos_of_others: int = 0
    documents: int = 0
    stopped: str | None = None
    skipped: list[ToldFile] = field(default_factory=list)
    failed: list[ToldFile] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.imported + self.known + self.not_tried + len(self.failed)

    @property
    def faulty(self) -> bool:
        return bool(self.failed) or self.stopped is not None

    def skip(self, name: str, reason: str) -> None:
        self.skipped.append(_told(name, reason))

    def fail(self, name: str, reason: str) -> None:
        self.failed.append(_told(name, reason))


def _told(name: str, reason: str) -> ToldFile:
    """A name need not be text; what is shown is."""
    return ToldFile(name.encode(errors="replace").decode(), reason)


Progress = Callable[[ImportReport], object]

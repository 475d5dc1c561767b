"""What an export holds, in a small SQLite file beside it: memory stays flat whatever the library."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from photostore.transfer.errors import NotAnExport
from photostore.transfer.layout import SIDECAR, XMP, marked, same_place
from photostore.transfer.ports import ExportedFile, ExportIndex, Place

# Another export holds its state as long as it runs: no use in waiting.
_PATIENCE = 0.1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE IF NOT EXISTS things (
    kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL, wanted TEXT NOT NULL, path TEXT NOT NULL,
    place TEXT NOT NULL UNIQUE, run INTEGER NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, sha256 BLOB NOT NULL, byte_size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_of ON files (kind, id);
"""
_FILES = """
SELECT files.path, files.sha256, files.byte_size FROM things JOIN files USING (kind, id)
ORDER BY owner, things.kind, things.id, files.path
"""
_STALE = "SELECT kind, id, path FROM things WHERE run <> ? AND (? IS NULL OR owner = ?) ORDER BY kind, id LIMIT 500"


@contextmanager
def state_kept() -> Iterator[None]:
    """What SQLite cannot write, as the system says it of other files."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _not_kept(error) from error


def _not_kept(error: sqlite3.OperationalError) -> OSError:
    return OSError(f"the state of the export cannot be kept: {error}")


class SqliteExportIndex(ExportIndex):
    """In the file at `path`, which goes on with what was saved there; or in none, for a target that is written once."""

    def __init__(self, path: Path | None) -> None:
        # The empty name is a temporary file that SQLite removes by itself.
        with state_kept():
            self._db = sqlite3.connect("" if path is None else path, timeout=_PATIENCE, isolation_level=None)
        try:
            if path is not None:
                self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA.split(";\n"):
                self._db.execute(statement)
            self._run = self._db.execute("INSERT INTO runs DEFAULT VALUES").lastrowid
        except sqlite3.OperationalError as error:
            self._db.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise _not_kept(error) from None
            raise NotAnExport(f"Another export is writing there: {error}.") from None
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise NotAnExport(
                f"{path} tells no longer what was exported ({error}): export into another folder."
            ) from None

    def settle(self, kind: str, id: UUID, *, owner: UUID, wanted: str) -> Place:
        row = self._db.execute("SELECT wanted, path FROM things WHERE kind = ? AND id = ?", (kind, id.hex)).fetchone()
        if row is not None and row[0] == wanted:
            self._db.execute("UPDATE things SET run = ? WHERE kind = ? AND id = ?", (self._run, kind, id.hex))
            return Place(row[1], None)
        path = self._free(kind, id, wanted)
        self._db.execute(
            "INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?, ?, ?)",
            (kind, id.hex, owner.hex, wanted, path, same_place(path), self._run),
        )
        return Place(path, row[1] if row is not None and row[1] != path else None)

    def file(self, path: str) -> ExportedFile | None:
        row = self._db.execute("SELECT path, sha256, byte_size FROM files WHERE path = ?", (path,)).fetchone()
        return None if row is None else ExportedFile(*row)

    def keep(self, kind: str, id: UUID, file: ExportedFile) -> None:
        row = (file.path, kind, id.hex, file.sha256, file.byte_size)
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", row)

    def moved(self, before: str, path: str) -> None:
        self._db.execute("UPDATE OR REPLACE files SET path = ? WHERE path = ?", (path, before))

    def forget(self, path: str) -> None:
        self._db.execute("DELETE FROM files WHERE path = ?", (path,))

    def stale(self, owner: UUID | None) -> Iterator[tuple[str, UUID, list[str]]]:
        whose = owner and owner.hex
        while found := self._db.execute(_STALE, (self._run, whose, whose)).fetchall():
            for kind, thing, place in found:
                files = self._db.execute("SELECT path FROM files WHERE kind = ? AND id = ?", (kind, thing)).fetchall()
                # A run that was broken off may have written what it had no time to tell.
                untold = [place + ending for ending in ("", SIDECAR, XMP)] if kind != "owner" else []
                yield kind, UUID(hex=thing), list(dict.fromkeys([*(path for (path,) in files), *untold]))
                self._db.execute("DELETE FROM files WHERE kind = ? AND id = ?", (kind, thing))
                self._db.execute("DELETE FROM things WHERE kind = ? AND id = ?", (kind, thing))

    def files(self) -> Iterator[ExportedFile]:
        for row in self._db.execute(_FILES):
            yield ExportedFile(*row)

    def totals(self) -> tuple[int, int]:
        count, byte_size = self._db.execute("SELECT count(*), coalesce(sum(byte_size), 0) FROM files").fetchone()
        return count, byte_size

    def save(self) -> None:
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """What was not saved is found again by the next run, and written once more."""
        with suppress(sqlite3.OperationalError):
            self._db.execute("COMMIT")
        self._db.close()

    def _free(self, kind: str, id: UUID, wanted: str) -> str:
        """The wanted path, where it is nobody's; else with a mark that is this thing's own, for good."""
        for path in (wanted, marked(wanted, id), marked(marked(wanted, id), id)):
            taken = self._db.execute(
                "SELECT kind, id FROM things WHERE place = ? AND NOT (kind = ? AND id = ?)",
                (same_place(path), kind, id.hex),
            ).fetchone()
            if taken is None:
                return path
        raise NotAnExport(f"There is no free name for {wanted}.")

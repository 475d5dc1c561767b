"""Whether a folder keeps blobs: what the store does with each of them, tried once."""

import os
from pathlib import Path
from uuid import uuid4

from photostore_adapters.examining.finding import Finding, Findings, Part
from photostore_adapters.examining.waiting import in_a_thread

_PART = Part("storage")


async def examine_folder(root: Path) -> Findings:
    for finding in await in_a_thread(lambda: _examine(root)):
        yield finding


def _examine(root: Path) -> list[Finding]:
    if not root.exists():
        return [_PART.skipped("folder", f"{root} is made at the first start.")]
    return [_kept(root), _one_file_system(root)]


def _kept(root: Path) -> Finding:
    """Written, made safe, given its name without replacing another's, read, removed."""
    beside, place = (each if each.is_dir() else root for each in (root / "tmp", root / "blobs"))
    draft, name = beside / f".examined-{uuid4().hex}", place / f".examined-{uuid4().hex}"
    try:
        try:
            with draft.open("xb") as file:
                file.write(b"photostore")
                file.flush()
                os.fsync(file.fileno())
            name.hardlink_to(draft)
            kept = name.read_bytes()
        finally:
            draft.unlink(missing_ok=True)
            name.unlink(missing_ok=True)
    except OSError as error:
        fix = f"Let uid {os.getuid()} write there, on a file system with hard links; or set STORAGE__FOLDER to another."
        return _PART.failed("folder", f"{root} keeps no files: {error.strerror or error}.", fix)
    if kept != b"photostore":
        return _PART.failed("folder", f"{root} gave other bytes back than were written.", "Look at the disk.")
    return _PART.ok("folder", f"{root} keeps files.")


def _one_file_system(root: Path) -> Finding:
    """A blob is written beside and renamed into place, which is one step within a file system alone."""
    devices = {each.stat().st_dev for each in (root, *(child for child in root.iterdir() if child.is_dir()))}
    if len(devices) > 1:
        fix = "Mount the whole folder, not parts of it."
        return _PART.failed("file system", f"The folders in {root} lie on several file systems.", fix)
    return _PART.ok("file system", "All folders lie on one.")

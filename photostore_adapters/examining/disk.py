"""Room on the disks, and whether they can be written to."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryFile, gettempdir

from photostore_adapters.examining.finding import Finding, Findings, Part
from photostore_adapters.examining.waiting import in_a_thread
from photostore_adapters.settings import Settings

_PART = Part("disk")
_LITTLE_BYTES, _LITTLE_SHARE = 1 << 30, 0.05


async def examine_disk(settings: Settings) -> Findings:
    scratch = settings.decoding.scratch_folder or Path(gettempdir())
    # Each decoder keeps one original there.
    needed = settings.limits.max_upload_bytes * (settings.decoder_processes + 1)
    yield await in_a_thread(lambda: _room("scratch", scratch, needed, "DECODING__SCRATCH_FOLDER"))
    if settings.embedded_database:
        yield await in_a_thread(lambda: _kept("data", settings.data_dir, "DATA_DIR"))
    if settings.folder_enabled:
        yield await in_a_thread(lambda: _kept("photos", settings.blob_folder, "STORAGE__FOLDER"))


def _kept(check: str, folder: Path, variable: str) -> Finding:
    return _room(check, _existing(folder), _LITTLE_BYTES, variable)


def _existing(folder: Path) -> Path:
    """The folder, or the one in which it is going to be made."""
    found = folder.absolute()
    while not found.exists() and found != found.parent:
        found = found.parent
    return found


def _room(check: str, folder: Path, needed: int, variable: str) -> Finding:
    try:
        with TemporaryFile(dir=folder):
            usage = shutil.disk_usage(folder)
    except OSError as error:
        fix = f"Make {folder} writable for uid {os.getuid()}, or choose another folder by {variable}."
        return _PART.failed(check, f"{folder} cannot be written to: {error.strerror}.", fix)
    told = f"{folder} has {usage.free >> 20} MiB left of {usage.total >> 20} MiB."
    if usage.free < needed:
        return _PART.failed(
            check, told, f"Make room: {needed >> 20} MiB at least, or choose another disk by {variable}."
        )
    if usage.free < usage.total * _LITTLE_SHARE:
        return _PART.warning(check, told, "Make room, or let yourself be told before it is full.")
    return _PART.ok(check, told)

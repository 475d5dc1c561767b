"""Files below one root, reached a segment at a time by open folders, never through a link: no key leads outside.

Everything here blocks, and is called in a thread.
"""

import errno
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from photostore.shared.blobs import (
    BlobExists,
    BlobInfo,
    BlobKey,
    BlobKeyInvalid,
    BlobNotFound,
    BlobStoreUnavailable,
    blob_key,
)

# People's pictures are for the service alone, whatever the umask and whoever else has an account on the machine.
FOLDER_MODE = 0o700
FILE_MODE = 0o600
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_IN_THE_WAY = (errno.EEXIST, errno.ENOTDIR, errno.ELOOP, errno.EISDIR)
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR)
_PRUNED_MEANWHILE = 16


@contextmanager
def disk_errors() -> Iterator[None]:
    """What the operating system says, as the port says it; without the path, which is nobody's business."""
    try:
        yield
    except OSError as error:
        raise BlobStoreUnavailable(f"the blob store's disk fails: {os.strerror(error.errno or errno.EIO)}") from error


@contextmanager
def folder(root: Path, segments: Sequence[str], *, create: bool = False) -> Iterator[int]:
    """The open folder `segments` below `root`; `create` makes what is missing, durably.

    Without `root` nobody can say what is there: a disk that is away holds all that it held.
    """
    try:
        here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BlobStoreUnavailable("the blob store's folder is not there") from error
    try:
        for segment in segments:
            inner = _enter(here, segment, create=create)
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)


def _enter(here: int, segment: str, *, create: bool) -> int:
    try:
        return os.open(segment, _FOLDER, dir_fd=here)
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):
        os.mkdir(segment, FOLDER_MODE, dir_fd=here)
    os.fsync(here)
    return os.open(segment, _FOLDER, dir_fd=here)


def _split(key: str) -> tuple[list[str], str]:
    *segments, name = key.split("/")
    return segments, name


def open_file(root: Path, key: BlobKey) -> tuple[int, int]:
    """The blob's file descriptor and its size."""
    segments, name = _split(key)
    try:
        with folder(root, segments) as here:
            opened = os.open(name, _FILE, dir_fd=here)
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            raise BlobNotFound(f"blob {key}") from None
        raise
    status = os.fstat(opened)
    if not _is_file(status):
        os.close(opened)
        raise BlobNotFound(f"blob {key}")
    return opened, status.st_size


def file_info(root: Path, key: BlobKey) -> BlobInfo:
    segments, name = _split(key)
    try:
        with folder(root, segments) as here:
            status = os.stat(name, dir_fd=here, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            raise BlobNotFound(f"blob {key}") from None
        raise
    if not _is_file(status):
        raise BlobNotFound(f"blob {key}")
    return _info(key, status)


def link_file(root: Path, source: Path, key: BlobKey) -> None:
    """Give `source` the name of `key`, durably and only if nothing has it: a link never replaces a file."""
    segments, name = _split(key)
    for _ in range(_PRUNED_MEANWHILE):
        try:
            with folder(root, segments, create=True) as here:
                os.link(source, name, dst_dir_fd=here, follow_symlinks=False)
                _sync_or_undo(here, name)
        except FileNotFoundError:
            continue  # the last blob of that folder was deleted, and the folder with it, between opening and linking
        except OSError as error:
            if error.errno in _IN_THE_WAY:
                raise BlobExists(f"blob {key}") from None
            raise
        return
    raise BlobStoreUnavailable("the blob store's folders change too fast")


def replace_file(root: Path, source: Path, key: BlobKey) -> None:
    """Give `source` the name of `key`, durably, in place of what has it."""
    segments, name = _split(key)
    for _ in range(_PRUNED_MEANWHILE):
        try:
            with folder(root, segments, create=True) as here:
                os.rename(source, name, dst_dir_fd=here)
                os.fsync(here)
        except FileNotFoundError:
            continue  # as in `link_file`
        return
    raise BlobStoreUnavailable("the blob store's folders change too fast")


def _sync_or_undo(here: int, name: str) -> None:
    try:
        os.fsync(here)
    except OSError:
        os.unlink(name, dir_fd=here)
        raise


def unlink_file(root: Path, key: BlobKey) -> None:
    """Remove the file, and the folders that are empty now. Not made durable: what comes back is swept again."""
    segments, name = _split(key)
    try:
        with folder(root, segments) as here:
            os.unlink(name, dir_fd=here)
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise
    for depth in range(len(segments), 0, -1):
        try:
            with folder(root, segments[: depth - 1]) as above:
                os.rmdir(segments[depth - 1], dir_fd=above)
        except OSError:
            return


def walk(root: Path, prefix: str, after: str = "") -> Generator[BlobInfo, None, None]:
    """Every blob under `prefix` and behind `after`, by key, one folder open a level: memory holds the names of one folder a
    level, however many files there are in all."""
    above, _, start = prefix.rpartition("/")
    segments = above.split("/") if above else []
    if any(segment in ("", ".", "..") for segment in segments):
        return
    try:
        with folder(root, segments) as here:
            yield from _walk(here, prefix[: len(prefix) - len(start)], start, after)
    except OSError as error:
        if error.errno not in (*_NOTHING_THERE, errno.ENAMETOOLONG):
            raise


def _walk(here: int, path: str, start: str, after: str) -> Iterator[BlobInfo]:
    with os.scandir(here) as entries:
        named = sorted((path + _in_keys(entry), entry) for entry in entries if entry.name.startswith(start))
    for key, entry in named:
        if key <= after and not after.startswith(key):
            continue
        with suppress(FileNotFoundError, NotADirectoryError, BlobKeyInvalid):
            if key.endswith("/"):
                inner = os.open(entry.name, _FOLDER, dir_fd=here)
                try:
                    yield from _walk(inner, key, "", after)
                finally:
                    os.close(inner)
            elif key != after and entry.is_file(follow_symlinks=False):
                yield _info(blob_key(key), os.stat(entry.name, dir_fd=here, follow_symlinks=False))


def _in_keys(entry: os.DirEntry[str]) -> str:
    """As it stands in keys: a folder is followed by what is in it."""
    return f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name


def _is_file(status: os.stat_result) -> bool:
    return (status.st_mode & 0o170000) == 0o100000


def _info(key: BlobKey, status: os.stat_result) -> BlobInfo:
    return BlobInfo(key=key, byte_size=status.st_size, modified_at=datetime.fromtimestamp(status.st_mtime, UTC))

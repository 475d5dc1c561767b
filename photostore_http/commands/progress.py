"""How far a long command is, on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from photostore_adapters.rebuilding import RebuildProgress

# How many are done, how many there are, and how many bytes moved.
Bar = Callable[[int, int, int], None]


@contextmanager
def photos_bar() -> Iterator[Bar]:
    """A bar over photos that are moved, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    moved = TextColumn("{task.fields[moved]}")
    with Progress(*columns, moved, console=Console(stderr=True)) as progress:
        bar = progress.add_task("photos", total=None, moved="")

        def tell(done: int, photos: int, byte_size: int) -> None:
            progress.update(bar, total=max(done, photos), completed=done, moved=decimal(byte_size))

        yield tell


@contextmanager
def rebuilding_bar() -> Iterator[Callable[[RebuildProgress], None]]:
    """A bar over all photos, on standard error: one that still waits for its decoder is not done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("photos")

        def tell(now: RebuildProgress) -> None:
            done = max(0, now.seen - min(now.waiting, now.enqueued))
            progress.update(bar, total=now.photos, completed=done)

        yield tell

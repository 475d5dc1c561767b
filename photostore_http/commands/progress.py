"""How far a long command is, on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from photostore_adapters.rebuilding import RebuildProgress


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

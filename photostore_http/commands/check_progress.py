"""How far a check of the library is, on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from photostore.check.run import CheckRun, Step

_TOLD = {
    Step.PHOTOS: "photos and their bytes",
    Step.LEFTOVERS: "what uploads left",
    Step.OWNERS: "counters of owners",
    Step.HASHTAGS: "counters of hashtags",
    Step.CHECKSUMS: "checksums",
    Step.DONE: "done",
}


@contextmanager
def checking_bar(photos: int) -> Iterator[Callable[[CheckRun], None]]:
    """On standard error. Over all photos, of which there can come more; the other steps tell where they are."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(_TOLD[Step.PHOTOS], total=photos)

        def tell(run: CheckRun) -> None:
            told = _TOLD[run.step]
            if run.step is Step.CHECKSUMS:
                told = f"{told}, {run.bytes_read / 1e9:.1f} GB"
            progress.update(bar, description=told, total=max(photos, run.photos), completed=run.photos)

        yield tell


@contextmanager
def mending_bar(findings: int) -> Iterator[Callable[[], None]]:
    """On standard error, over all findings."""
    columns = (TextColumn("mending"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("mending", total=findings)
        yield lambda: progress.advance(bar)

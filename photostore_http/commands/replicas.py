"""`photostore replicas ...`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from photostore.replica.queries import ReplicaView
from photostore_adapters.launch import Settings
from photostore_adapters.replicating import Copied, CopyProgress, claim_stores, copy_originals, forget_replica, replicas
from photostore_http.commands.database import on_database
from photostore_http.commands.tables import Table, show
from photostore_http.commands.telling import agreed


def status(*, as_json: bool) -> None:
    """The exit code is 1 when one fails, or originals are in no store."""
    views = on_database(replicas)
    show(views, _table(views), as_json=as_json)
    if any(view.state == "failing" or view.lost for view in views):
        raise SystemExit(1)


def _table(views: Sequence[ReplicaView]) -> Table:
    return Table(
        columns=(
            "Name",
            "Kind",
            "State",
            "Copied",
            "Lagging",
            "Lost",
            "Deleting",
            "Oldest (s)",
            "Complete at",
            "Error",
        ),
        rows=[
            (
                view.name,
                view.kind,
                view.state,
                view.copied,
                view.lagging,
                view.lost,
                view.deleting,
                None if view.oldest_lag_seconds is None else round(view.oldest_lag_seconds),
                view.complete_at,
                view.last_error,
            )
            for view in views
        ],
        numbers=("Copied", "Lagging", "Lost", "Deleting", "Oldest (s)"),
    )


def copy(names: Sequence[str], *, as_json: bool) -> None:
    """The exit code is 1 when a store fails, or an original is in none."""

    async def do(settings: Settings, url: str) -> Sequence[Copied]:
        views = await replicas(settings, url)
        chosen = names or [view.name for view in views]
        photos = max((view.copied + view.lagging for view in views), default=0)
        with _bars() as told:
            return await copy_originals(settings, url, chosen, photos, told)

    copied = on_database(do)
    rows = [(each.store, _counted(each.done), each.failure) for each in copied]
    show(copied, Table(columns=("Store", "Done", "Error"), rows=rows), as_json=as_json)
    if any(each.went_wrong for each in copied):
        raise SystemExit(1)


def _counted(done: dict[str, int]) -> str:
    return ", ".join(f"{times} {outcome}" for outcome, times in sorted(done.items())) or "nothing to do"


def forget(name: str, *, yes: bool) -> None:
    plan = (
        f"What is known of the replica {name} is forgotten, also what was still to be deleted from it. "
        "What lies in it stays. If the settings have it, it begins anew."
    )
    if agreed(plan, yes=yes):
        on_database(lambda settings, url: forget_replica(settings, url, name))
        click.echo(f"The replica {name} is forgotten.")


def claim(*, yes: bool) -> None:
    plan = (
        "From now on the rows of this database say what its stores hold, whatever other state of it has swept them: what they "
        "hold without rows, and what uploads that are over left, is removed for good, once it is old enough. "
        "Save what you want of it before: `photostore fsck` names it."
    )
    if agreed(plan, yes=yes):
        told = on_database(claim_stores)
        for name, refusal in told.items():
            click.echo(f"{name}: claimed." if refusal is None else f"{name}: not claimed: {refusal}")
        if any(refusal is not None for refusal in told.values()):
            raise SystemExit(1)


@contextmanager
def _bars() -> Iterator[Callable[[CopyProgress], None]]:
    """One over all photos for each store, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars = dict[str, TaskID]()

        def tell(now: CopyProgress) -> None:
            if now.store not in bars:
                bars[now.store] = progress.add_task(now.store)
            progress.update(bars[now.store], total=max(now.photos, now.walked), completed=now.walked)

        yield tell

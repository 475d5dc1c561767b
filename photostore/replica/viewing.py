"""A replica as an operator sees it, from what is remembered of it."""

from datetime import datetime

from photostore.replica.queries import ReplicaView, ReplicaWork
from photostore.replica.task import ReplicaState


def view_of(work: ReplicaWork, state: ReplicaState | None, *, kind: str, photos: int, now: datetime) -> ReplicaView:
    """`photos` is how many there are, those in the trash left out: so what is copied is told no more exactly than that."""
    walked = 0 if state is None else state.walked
    is_whole = state is not None and state.walk_ended_at is not None
    lagging = work.to_copy if is_whole else max(photos - walked, work.to_copy)
    failing = state is not None and state.failing_since is not None
    return ReplicaView(
        name=work.store,
        kind=kind,
        state="failing" if failing else "lagging" if lagging or not is_whole else "ok",
        copied=max((photos if is_whole else walked) - work.to_copy, 0),
        lagging=lagging,
        oldest_lag_seconds=None if work.oldest_at is None else max((now - work.oldest_at).total_seconds(), 0),
        last_error=None if state is None else state.failure,
        lost=work.lost,
        deleting=work.to_delete,
        failing_since=None if state is None else state.failing_since,
        seen_at=None if state is None else state.seen_at,
        walked=walked,
        complete_at=None if state is None else state.walk_ended_at,
    )

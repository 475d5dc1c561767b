"""The spans of work that no request waits for. Here there are none; `tracing/work.py` has those of a process that is traced."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext


class WorkSpans:
    def carried(self) -> dict[str, str] | None:
        """What is kept beside a job that is enqueued now, so that its span belongs to the trace that caused it."""
        return None

    def job(self, name: str, *, job_id: str, carried: Mapping[str, object] | None) -> AbstractContextManager[object]:
        """Around one try at a job; `carried` is what was kept beside it."""
        return nullcontext()

    def turn(self, name: str) -> AbstractContextManager[object]:
        """Around work that is no job. It is a trace of its own."""
        return nullcontext()

"""What becomes of failed jobs when somebody looks after them."""

from dishka import AsyncContainer

from photostore.audit.entry import Origin
from photostore.job.commands.retry_failed_jobs import RetryFailedJobs
from photostore.job.job import Job
from tests.fakes.store import FakeStore, FakeTrouble
from tests.using import use

OPERATOR = Origin(name="root")


async def test_many_are_done_again_as_one_action(container: AsyncContainer, store: FakeStore) -> None:
    for number, name in enumerate(("decode_photo", "decode_photo", "make_image"), 1):
        store.admin.troubled.rows[number] = FakeTrouble(job=Job(name=name))

    assert await use(container, RetryFailedJobs)(by=OPERATOR, name="decode_photo") == 2

    assert [job.name for _, job in store.waiting_jobs()] == ["decode_photo", "decode_photo"]
    (entry,) = store.admin.audit_log.rows.values()
    assert (entry.action, entry.target.id, entry.details) == ("jobs.retried", "decode_photo", {"jobs": 2})


async def test_where_none_failed_nothing_is_recorded(container: AsyncContainer, store: FakeStore) -> None:
    assert await use(container, RetryFailedJobs)(by=OPERATOR, name=None) == 0

    assert store.admin.audit_log.rows == {}

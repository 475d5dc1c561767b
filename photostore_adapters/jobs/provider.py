"""What the job queue offers to the container."""

from dishka import Provider, Scope, provide

from photostore.check.ports import Deletions
from photostore.job.ports import JobQueue, TroubledJobs
from photostore.job.queries import JobQueries
from photostore_adapters.jobs.deletions import QueuedDeletions
from photostore_adapters.jobs.housekeeping import JobsCheck, QueueLog, QueueQueries
from photostore_adapters.jobs.queue import PgQueuerJobQueue
from photostore_adapters.jobs.troubled import PgQueuerJobQueries, PgQueuerTroubledJobs
from photostore_adapters.observability.work_spans import WorkSpans


class JobsProvider(Provider):
    scope = Scope.REQUEST

    queue = provide(PgQueuerJobQueue, provides=JobQueue)
    deletions = provide(QueuedDeletions, provides=Deletions)
    log = provide(QueueLog, scope=Scope.APP)
    queries = provide(QueueQueries, scope=Scope.APP)
    troubled = provide(PgQueuerTroubledJobs, provides=TroubledJobs)
    job_queries = provide(PgQueuerJobQueries, provides=JobQueries, scope=Scope.APP)
    check = provide(JobsCheck, scope=Scope.APP)
    spans = provide(WorkSpans, scope=Scope.APP)

"""What is checked where photos lie in a bucket."""

from collections.abc import Sequence

from dishka import Provider, Scope, provide

from photostore.shared.health import HealthCheck
from photostore_adapters.jobs.housekeeping import JobsCheck
from photostore_adapters.postgres.health import DatabaseCheck
from photostore_adapters.s3.health import S3HealthCheck


class BucketChecks(Provider):
    scope = Scope.APP

    @provide
    def checks(self, database: DatabaseCheck, storage: S3HealthCheck, jobs: JobsCheck) -> Sequence[HealthCheck]:
        return (database, storage, jobs)

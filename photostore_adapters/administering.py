"""Looking after accounts and jobs, from the command line: the same use cases as over HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dishka import AsyncContainer

from photostore.job.commands.discard_job import DiscardJob
from photostore.job.commands.retry_failed_jobs import RetryFailedJobs
from photostore.job.commands.retry_job import RetryJob
from photostore.job.queries import JobFilter, JobQueries, QueueView, TroubledJobView
from photostore.shared.ids import UserId
from photostore.user.accounts import AccountEdit, AccountFilter, AccountQueries, AccountView
from photostore.user.commands.create_account import CreateAccount, NewAccount
from photostore.user.commands.edit_account import EditAccount
from photostore.user.commands.find_account import FindAccount
from photostore.user.commands.make_admin import MakeAdmin
from photostore.user.commands.set_password import SetPassword
from photostore_adapters.settings import Settings
from photostore_adapters.system.operator import at_the_command_line
from photostore_adapters.wiring import make_container

__all__ = ["AccountEdit", "AccountFilter", "AccountView", "Administration", "Jobs", "NewAccount", "administration"]

_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The queue, and those of its jobs that failed."""

    queue: Sequence[QueueView]
    failed: Sequence[TroubledJobView]


class Administration:
    """Each call is a transaction of its own, recorded with who has the command line."""

    def __init__(self, container: AsyncContainer) -> None:
        self._container = container
        self._by = at_the_command_line()

    async def accounts(self, wanted: AccountFilter, *, limit: int | None) -> AsyncIterator[AccountView]:
        queries: AccountQueries = await self._container.get(AccountQueries)
        after: UserId | None = None
        while limit is None or limit > 0:
            page = await queries.list(wanted, after=after, limit=min(_PAGE, limit or _PAGE))
            for view in page:
                yield view
            if not page:
                return
            after, limit = UserId(page[-1].id), None if limit is None else limit - len(page)

    async def create_account(self, account: NewAccount, password: str) -> UserId:
        async with self._container() as scope:
            return await (await scope.get(CreateAccount))(by=self._by, account=account, password=password)

    async def set_password(self, who: str, password: str) -> None:
        async with self._container() as scope:
            await (await scope.get(SetPassword))(by=self._by, who=who, password=password)

    async def make_admin(self, who: str) -> None:
        async with self._container() as scope:
            await (await scope.get(MakeAdmin))(by=self._by, who=who)

    async def find(self, who: str) -> AccountView:
        async with self._container() as scope:
            user_id = await (await scope.get(FindAccount))(who=who)
        queries: AccountQueries = await self._container.get(AccountQueries)
        return await queries.get(user_id)

    async def edit(self, account: AccountView, edit: AccountEdit) -> None:
        async with self._container() as scope:
            await (await scope.get(EditAccount))(by=self._by, user_id=UserId(account.id), edit=edit)

    async def jobs(self, wanted: JobFilter, *, limit: int) -> Jobs:
        queries: JobQueries = await self._container.get(JobQueries)
        return Jobs(queue=await queries.queue(), failed=await queries.troubled(wanted, after=None, limit=limit))

    async def retry(self, job_id: int) -> None:
        async with self._container() as scope:
            await (await scope.get(RetryJob))(by=self._by, job_id=job_id)

    async def retry_failed(self, name: str | None) -> int:
        async with self._container() as scope:
            return await (await scope.get(RetryFailedJobs))(by=self._by, name=name)

    async def discard(self, job_id: int) -> None:
        async with self._container() as scope:
            await (await scope.get(DiscardJob))(by=self._by, job_id=job_id)


@asynccontextmanager
async def administration(settings: Settings, url: str) -> AsyncIterator[Administration]:
    container = make_container(settings, url)
    try:
        yield Administration(container)
    finally:
        await container.close()

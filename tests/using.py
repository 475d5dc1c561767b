"""Short ways of saying what almost every test on a container says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, Protocol, TypeVar

from dishka import AsyncContainer

from photostore.hashtag.hashtag import Hashtag
from photostore.hashtag.ports import HashtagRepository
from photostore.photo.events import PhotoCreated
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.ports import PhotoRepository
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
from photostore.share_link.ports import ShareLinkRepository
from photostore.share_link.share_link import ShareLink
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ports import UploadRepository
from photostore.upload.upload import Upload
from photostore.user.errors import UserNotFound
from photostore.user.ports import ApiKeyRepository, SessionRepository, UserRepository
from photostore.user.session import ApiKey, Session
from photostore.user.user import User
from tests.builders import a_user

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")
Stored = TypeVar("Stored", User, Session, ApiKey, Photo, Upload, Hashtag, ShareLink)


class UseCase(Protocol[P, R_co]):
    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


def use(container: AsyncContainer, use_case: type[UseCase[P, R]]) -> Callable[P, Awaitable[R]]:
    """The use case in a scope of its own, as a request or a job has one."""

    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        async with container() as scope:
            return await (await scope.get(use_case))(*args, **kwargs)

    return call


async def get(container: AsyncContainer, port: Callable[..., T]) -> T:
    """`container.get` for a port, whose class is abstract."""
    found: T = await container.get(port)
    return found


@asynccontextmanager
async def transaction(container: AsyncContainer, port: Callable[..., T]) -> AsyncIterator[T]:
    """A port inside a transaction in a scope of its own."""
    async with container() as scope, await scope.get(UnitOfWork):
        yield await get(scope, port)


async def stored(container: AsyncContainer, thing: Stored) -> Stored:
    """The thing, kept as if a use case had made it; its owner too, if nobody has made one. Quotas follow."""
    async with container() as scope, await scope.get(UnitOfWork):
        if isinstance(thing, User):
            await (await scope.get(UserRepository)).add(thing)
        elif isinstance(thing, Hashtag):
            await (await scope.get(HashtagRepository)).add(thing)
        else:
            await _owned(scope, thing)
    return thing


async def _owned(scope: AsyncContainer, thing: Session | ApiKey | Photo | Upload | ShareLink) -> None:
    owner = thing.user_id if isinstance(thing, Session | ApiKey) else thing.owner_id
    await _demand_user(scope, owner)
    repository: Any
    if isinstance(thing, Photo):
        thing.created()
        if thing.status is not PhotoStatus.PROCESSING:
            # Its decoding is over: no job waits.
            thing.events = [event for event in thing.events if not isinstance(event, PhotoCreated)]
        repository = await scope.get(PhotoRepository)
    elif isinstance(thing, Upload):
        repository = await scope.get(UploadRepository)
    elif isinstance(thing, ShareLink):
        repository = await get(scope, ShareLinkRepository)
    else:
        repository = await scope.get(SessionRepository if isinstance(thing, Session) else ApiKeyRepository)
    await repository.add(thing)
    quotas = await scope.get(Quotas)
    if isinstance(thing, Photo):
        await quotas.settle(owner, reserved=0, used=thing.byte_size)
        settled = Figures(originals_bytes=thing.byte_size, photo_count=1)
        await quotas.adjust(owner, thing.figures - settled)
    elif isinstance(thing, Upload):
        await quotas.reserve(owner, thing.reserved_bytes)


async def _demand_user(scope: AsyncContainer, user_id: UserId) -> None:
    users = await scope.get(UserRepository)
    try:
        await users.get(user_id)
    except UserNotFound:
        await users.add(a_user(id=user_id))

"""`/storage`: what the caller keeps."""

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller
from msgspec import Struct

from photostore.quota.queries import QuotaQueries
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.problem_specs import refusals
from photostore_http.routing import get


class Storage(Struct, frozen=True, kw_only=True):
    """In bytes. `used_bytes` is originals and trash together, which the quota charges; renditions are told, not charged.

    `quota_bytes` is null where there is no limit; `reserved_bytes` are set aside for uploads under way; `photo_count` is of the
    photos outside the trash.
    """

    quota_bytes: int | None
    used_bytes: int
    reserved_bytes: int
    originals_bytes: int
    renditions_bytes: int
    trash_bytes: int
    photo_count: int


class StorageController(Controller):
    path = "/storage"
    tags = ("storage",)

    @get(
        operation_id="GetStorage",
        guards=[holding(Scope.PHOTOS_READ)],
        responses=refusals(InvalidToken, InsufficientScope),
    )
    @inject
    async def storage(self, actor: FromDishka[Actor], quotas: FromDishka[QuotaQueries]) -> Storage:
        """What the caller may keep, and keeps."""
        return msgspec.convert(await quotas.storage(actor.user_id), Storage, from_attributes=True)

"""Change what a share link allows."""

from dataclasses import dataclass, replace

from photostore.share_link.passwords import link_password
from photostore.share_link.ports import ShareLinkRepository
from photostore.share_link.share_link import ShareLinkEdit
from photostore.shared.clock import Clock
from photostore.shared.ids import ShareLinkId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.unset import UNSET, Unset
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.user.ports import PasswordHasher


@dataclass(frozen=True, slots=True)
class EditShareLink:
    """`password` of `None` takes the password away. Raise `ShareLinkNotFound`, `ShareLinkInvalid`, or
    `PreconditionFailed` when `expected_version` is stale."""

    links: ShareLinkRepository
    passwords: PasswordHasher
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        actor: UserId,
        link_id: ShareLinkId,
        edit: ShareLinkEdit,
        password: str | None | Unset = UNSET,
        expected_version: ExpectedVersion = ANY_VERSION,
    ) -> None:
        if isinstance(password, str):
            edit = replace(edit, password_hash=await self.passwords.hash(link_password(password)))
        elif password is None:
            edit = replace(edit, password_hash=None)
        async with self.unit_of_work:
            link = await self.links.get(link_id, owner=actor)
            expected_version.demand(link.version)
            if link.edit(edit, now=self.clock.now()):
                await self.links.save(link)

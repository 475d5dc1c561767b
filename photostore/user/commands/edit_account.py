"""Change what an account may do: its quota, its rights, whether it is open at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from photostore.album.ports import AlbumRepository
from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.quota.ports import Quotas
from photostore.share_link.ports import ShareLinkRepository
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.unset import Unset
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.user.accounts import AccountEdit
from photostore.user.errors import InsufficientScope, LastAdministrator, OwnAccountKept, UserNotFound
from photostore.user.ports import SessionRepository, UserRepository
from photostore.user.queries import LiveCredentials
from photostore.user.user import User

DISABLED, ENABLED = "user.disabled", "user.enabled"
# Actions, and what is told of each.
Done = Sequence[tuple[str, Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class EditAccount:
    """For administrators, and for whoever has the command line. What changes is recorded, each by itself.

    Raise `UserNotFound`, `PreconditionFailed`, `OwnAccountKept` or `LastAdministrator`, and `InsufficientScope` for who
    was an administrator until just now: of two who take each other's right one remains.
    """

    users: UserRepository
    sessions: SessionRepository
    quotas: Quotas
    links: ShareLinkRepository
    albums: AlbumRepository
    live_credentials: LiveCredentials
    record_action: RecordAction
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, by: Origin, user_id: UserId, edit: AccountEdit, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        async with self.unit_of_work:
            administrators = await self.users.lock_administrators()
            await self._demand_right(by)
            user = await self.users.get(user_id)
            if user.erased_at is not None:
                raise UserNotFound(f"There is no user {user_id}.")
            expected_version.demand(user.version)
            _demand_administrator_left(by, user, edit, administrators)
            done = [*_change_rights(user, edit), *await self._change_access(user, edit), *await self._allow(user, edit)]
            if done:
                await self.users.save(user)
                await self._end_what_was_given(user, done)
            for action, details in done:
                target = Target(kind="user", id=str(user_id))
                await self.record_action(by=by, action=action, target=target, details=details)
        self.live_credentials.forget(user_id)

    async def _demand_right(self, by: Origin) -> None:
        """What the request was let in by may be some seconds old."""
        if by.user_id is None:
            return
        actor = await self.users.get(by.user_id)
        if not actor.is_admin or not actor.is_active:
            raise InsufficientScope("This is open to administrators only.")

    async def _change_access(self, user: User, edit: AccountEdit) -> Done:
        if isinstance(edit.disabled, Unset) or edit.disabled == (user.disabled_at is not None):
            return []
        now, memberships = self.clock.now(), await self.albums.memberships(user.id)
        if edit.disabled:
            user.disable(memberships=memberships, now=now)
            return [(DISABLED, {})]
        user.enable(memberships=memberships, now=now)
        return [(ENABLED, {})]

    async def _allow(self, user: User, edit: AccountEdit) -> Done:
        if isinstance(edit.quota_bytes, Unset):
            return []
        before = await self.quotas.allow(user.id, edit.quota_bytes)
        if before == edit.quota_bytes:
            return []
        return [("user.quota_changed", {"before": before, "after": edit.quota_bytes})]

    async def _end_what_was_given(self, user: User, done: Done) -> None:
        actions = {action for action, _ in done}
        if actions & {DISABLED, ENABLED}:
            # Also when it is enabled: whoever signed in at the moment of disabling does not come back.
            await self.sessions.revoke_all(user.id, but=None, now=self.clock.now())
        if DISABLED in actions:
            await self.links.renew_all(user.id, now=self.clock.now())


def _change_rights(user: User, edit: AccountEdit) -> Done:
    if isinstance(edit.is_admin, Unset) or edit.is_admin == user.is_admin:
        return []
    if edit.is_admin:
        user.make_admin()
        return [("user.made_admin", {})]
    user.take_admin()
    return [("user.admin_revoked", {})]


def _demand_administrator_left(by: Origin, user: User, edit: AccountEdit, administrators: int) -> None:
    is_taken = user.is_admin and user.is_active and (edit.is_admin is False or edit.disabled is True)
    if is_taken and by.user_id == user.id:
        raise OwnAccountKept("Ask another administrator.")
    if is_taken and administrators <= 1:
        raise LastAdministrator("Make someone else an administrator first.")

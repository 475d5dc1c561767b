"""Accounts as administrators see them, in memory."""

from collections.abc import Sequence

from photostore.shared.ids import UserId
from photostore.user.accounts import AccountFilter, AccountQueries, AccountView
from photostore.user.errors import UserNotFound
from photostore.user.user import User
from tests.fakes.store import FakeStore


class FakeAccountQueries(AccountQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def list(self, wanted: AccountFilter, *, after: UserId | None, limit: int) -> Sequence[AccountView]:
        self._store.answer_or_not()
        found = self._store.users.where(lambda user: user.erased_at is None and _is_wanted(user, wanted))
        newest_first = sorted(found, key=lambda user: user.id, reverse=True)
        return [self._view(user) for user in newest_first if after is None or user.id < after][:limit]

    async def get(self, user_id: UserId) -> AccountView:
        self._store.answer_or_not()
        user = self._store.users.rows.get(user_id)
        if user is None or user.erased_at is not None:
            raise UserNotFound(f"There is no user {user_id}.")
        return self._view(user)

    def _view(self, user: User) -> AccountView:
        quota, now = self._store.quotas.rows[user.id], self._store.clock.now()
        sessions = self._store.sessions.where(lambda session: session.user_id == user.id)
        return AccountView(
            id=user.id,
            email=user.email,
            display_name=user.display_name,
            is_admin=user.is_admin,
            is_local=user.password_hash is not None,
            created_at=user.created_at,
            disabled_at=user.disabled_at,
            version=user.version,
            sessions=sum(session.is_live(now=now) for session in sessions),
            last_seen_at=max((session.last_seen_at for session in sessions), default=None),
            quota_bytes=quota.own,
            quota_in_force=quota.quota,
            used_bytes=quota.used,
            reserved_bytes=quota.reserved,
            originals_bytes=quota.used - quota.trash,
            renditions_bytes=quota.renditions,
            trash_bytes=quota.trash,
            photo_count=quota.photos,
        )


def _is_wanted(user: User, wanted: AccountFilter) -> bool:
    begins = (wanted.text or "").lower()
    texts = [text.lower() for text in (user.email, user.display_name) if text is not None]
    return (
        (wanted.text is None or any(text.startswith(begins) for text in texts))
        and wanted.disabled in (None, user.disabled_at is not None)
        and wanted.is_admin in (None, user.is_admin)
    )

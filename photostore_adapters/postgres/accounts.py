"""Accounts with what they keep, as administrators see them."""

from collections.abc import Sequence
from functools import lru_cache

from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.user.accounts import AccountFilter, AccountQueries, AccountView
from photostore.user.errors import UserNotFound
from photostore_adapters.postgres.quotas import QuotaDefault
from photostore_adapters.postgres.reading import Reader, Statement

# What stands before every other text that begins with the same.
_END = "\U0010ffff"
_VIEW = """
    SELECT users.id, users.email, users.display_name, users.is_admin, users.password_hash IS NOT NULL, users.created_at,
        users.disabled_at, users.version, seen.live, seen.last, quotas.quota_bytes,
        coalesce(quotas.quota_bytes, $2::bigint), quotas.used_bytes, quotas.reserved_bytes,
        quotas.used_bytes - quotas.trash_bytes, quotas.renditions_bytes, quotas.trash_bytes, quotas.photo_count
    FROM users JOIN quotas ON quotas.owner_id = users.id, LATERAL (
        SELECT count(*) FILTER (WHERE revoked_at IS NULL AND expires_at > $1::timestamptz) AS live,
            max(last_seen_at) AS last
        FROM sessions WHERE sessions.user_id = users.id
    ) AS seen
    WHERE users.erased_at IS NULL
"""
_ALWAYS = ("now", "default")
_GET = Statement(f"{_VIEW} AND users.id = $3", (*_ALWAYS, "user_id"))
# Two ranges, each of an index of its own; where almost all begin so, the newest are found by looking at them.
_BEGINS = """
    AND (lower(users.email) COLLATE "C" >= {text} AND lower(users.email) COLLATE "C" < {end}
        OR lower(users.display_name) COLLATE "C" >= {text} AND lower(users.display_name) COLLATE "C" < {end})
"""


@lru_cache(64)
def _list(*, text: bool, disabled: bool | None, is_admin: bool | None, goes_on: bool) -> Statement:
    """One statement a shape of the question, so that each is planned for what it asks."""
    names, sql = list(_ALWAYS), _VIEW
    if text:
        names += ["text", "end"]
        sql += _BEGINS.format(text=f"${len(names) - 1}::text", end=f"${len(names)}::text")
    if disabled is not None:
        sql += f" AND users.disabled_at IS {'NOT ' if disabled else ''}NULL"
    if is_admin is not None:
        sql += f" AND {'' if is_admin else 'NOT '}users.is_admin"
    if goes_on:
        names.append("after")
        # Said of both: a join by merging would begin at the newest quota, however deep the page is.
        sql += f" AND users.id < ${len(names)} AND quotas.owner_id < ${len(names)}"
    names.append("limit")
    return Statement(f"{sql} ORDER BY users.id DESC LIMIT ${len(names)}", tuple(names))


class PostgresAccountQueries(AccountQueries):
    def __init__(self, reader: Reader, clock: Clock, default: QuotaDefault) -> None:
        self._reader = reader
        self._clock = clock
        self._default = default.byte_size

    async def list(self, wanted: AccountFilter, *, after: UserId | None, limit: int) -> Sequence[AccountView]:
        begins = None if wanted.text is None else wanted.text.lower()
        statement = _list(
            text=begins is not None, disabled=wanted.disabled, is_admin=wanted.is_admin, goes_on=after is not None
        )
        asked = {"text": begins, "end": f"{begins}{_END}", "after": after, "limit": limit}
        rows = await self._reader.fetch(statement, now=self._clock.now(), default=self._default, **asked)
        return [AccountView(*row) for row in rows]

    async def get(self, user_id: UserId) -> AccountView:
        row = await self._reader.fetch_one(_GET, now=self._clock.now(), default=self._default, user_id=user_id)
        if row is None:
            raise UserNotFound(f"There is no user {user_id}.")
        return AccountView(*row)

"""What happens through share links: one statement an event, right across every process."""

from datetime import date, datetime
from hashlib import blake2b

from photostore.share_link.errors import ShareViewsUsedUp
from photostore.share_link.ports import ShareCounter, Visitor
from photostore.share_link.queries import SharedLink
from photostore.shared.clock import Secrets
from photostore_adapters.postgres.reading import Reader, Statement

_SALT_SIZE = 32

_VIEW = Statement(
    """
    WITH counted AS (
        UPDATE share_links SET views = views + 1
        WHERE owner_id = $1 AND id = $2 AND used_up_at IS NULL AND (max_views IS NULL OR views < max_views)
        RETURNING owner_id, id
    ), came AS (
        INSERT INTO share_link_visitors (owner_id, link_id, day, visitor)
        SELECT owner_id, id, $3::date, $4::bytea FROM counted ON CONFLICT DO NOTHING RETURNING visitor
    )
    INSERT INTO share_link_days AS days (owner_id, link_id, day, views, visitors)
    SELECT owner_id, id, $3::date, 1, (SELECT count(*) FROM came) FROM counted
    ON CONFLICT (owner_id, link_id, day) DO UPDATE
        SET views = days.views + 1, visitors = days.visitors + excluded.visitors
    RETURNING views
    """,
    ("owner", "link_id", "day", "visitor"),
)


def _count(what: str) -> Statement:
    """Nothing is counted of a link that is deleted meanwhile: the lock waits for what becomes of it."""
    return Statement(
        f"""
        INSERT INTO share_link_days AS days (owner_id, link_id, day, {what})
        SELECT owner_id, id, $3::date, 1 FROM share_links WHERE owner_id = $1 AND id = $2 FOR KEY SHARE
        ON CONFLICT (owner_id, link_id, day) DO UPDATE SET {what} = days.{what} + 1
        """,  # noqa: S608 - the names of two columns
        ("owner", "link_id", "day"),
    )


_DOWNLOAD, _UPLOAD = _count("downloads"), _count("uploads")
_NEW_SALT = Statement(
    "INSERT INTO share_link_salts (day, salt) VALUES ($1::date, $2) ON CONFLICT DO NOTHING", ("day", "salt")
)
_SALT = Statement("SELECT salt FROM share_link_salts WHERE day = $1::date", ("day",))
_FORGET_SALTS = Statement("DELETE FROM share_link_salts WHERE day < $1::date", ("day",))
_FORGET_VISITORS = Statement("DELETE FROM share_link_visitors WHERE day < $1::date", ("day",))


class PostgresShareCounter(ShareCounter):
    def __init__(self, reader: Reader, secrets: Secrets) -> None:
        self._reader = reader
        self._secrets = secrets
        self._salt: tuple[date, bytes] | None = None

    async def view(self, link: SharedLink, visitor: Visitor, *, now: datetime) -> None:
        day = now.date()
        told = await self._digest(visitor, day)
        row = await self._reader.fetch_one(_VIEW, owner=link.owner_id, link_id=link.id, day=day, visitor=told)
        if row is None:
            raise ShareViewsUsedUp("The share was opened as often as it may be.")

    async def download(self, link: SharedLink, *, now: datetime) -> None:
        await self._reader.fetch(_DOWNLOAD, owner=link.owner_id, link_id=link.id, day=now.date())

    async def upload(self, link: SharedLink, *, now: datetime) -> None:
        await self._reader.fetch(_UPLOAD, owner=link.owner_id, link_id=link.id, day=now.date())

    async def forget_visitors(self, *, now: datetime) -> None:
        await self._reader.fetch(_FORGET_SALTS, day=now.date())
        await self._reader.fetch(_FORGET_VISITORS, day=now.date())

    async def _digest(self, visitor: Visitor, day: date) -> bytes:
        said = f"{visitor.address}\n{visitor.user_agent}".encode(errors="replace")
        return blake2b(said, key=await self._salt_of(day), digest_size=16).digest()

    async def _salt_of(self, day: date) -> bytes:
        """The same in every process: whoever is first that day makes it. Yesterday's is forgotten here, too."""
        if self._salt is None or self._salt[0] != day:
            await self._reader.fetch(_NEW_SALT, day=day, salt=self._secrets.token(_SALT_SIZE))
            row = await self._reader.fetch_one(_SALT, day=day)
            self._salt = (day, row["salt"])
        return self._salt[1]

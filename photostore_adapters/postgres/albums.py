"""Albums and their members, written."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.album.album import Album, Member
from photostore.album.errors import AlbumNotFound
from photostore.album.events import MemberJoined, MemberLeft, MemberRoleChanged
from photostore.album.ports import AlbumRepository, UserDirectory
from photostore.album.roles import Role
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.user.email import EmailAddress
from photostore.user.errors import UserNotFound
from photostore_adapters.postgres.album_rows import AlbumRow, query_of, query_told
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.rows import table_of, update_versioned

_ALBUMS = table_of(AlbumRow)
_ADD = insert(_ALBUMS)
# Whose album it is: a member's row tells, else it is the actor's own or none that they can see.
_OWNER = text("SELECT owner_id FROM album_members WHERE user_id = :actor AND album_id = :album").columns(
    _ALBUMS.c.owner_id
)
_GET = (
    select(*_ALBUMS.c)
    .where(
        _ALBUMS.c.owner_id == func.coalesce(_OWNER.scalar_subquery(), bindparam("actor")),
        _ALBUMS.c.id == bindparam("album"),
    )
    .with_for_update(key_share=True)
)
_MEMBERS = text("""
    SELECT user_id, role, number, since FROM album_members WHERE owner_id = :owner AND album_id = :album ORDER BY number
""")
_JOIN = text("""
    INSERT INTO album_members (owner_id, album_id, user_id, role, number, since)
    VALUES (:owner, :album, :user, :role, :number, :since)
""")
_CHANGE_ROLE = text("""
    UPDATE album_members SET role = :role WHERE owner_id = :owner AND album_id = :album AND user_id = :user
""")
_LEAVE = text("DELETE FROM album_members WHERE owner_id = :owner AND album_id = :album AND user_id = :user")
_REMOVE = text("""
    DELETE FROM albums WHERE owner_id = :owner AND id = :album AND version = :version RETURNING id
""")
_SOME_OF = text("""
    (SELECT id FROM albums WHERE owner_id = :user LIMIT :limit)
    UNION ALL (SELECT album_id FROM album_members WHERE user_id = :user LIMIT :limit)
    LIMIT :limit
""")
_MEMBERSHIPS = text("SELECT album_id, number FROM album_members WHERE user_id = :user ORDER BY album_id")
_DIRECTORY = {
    True: Statement("SELECT id FROM users WHERE id = $1 AND erased_at IS NULL AND disabled_at IS NULL", ("told",)),
    False: Statement(
        "SELECT id FROM users WHERE lower(email) = $1 AND erased_at IS NULL AND disabled_at IS NULL LIMIT 2", ("told",)
    ),
}


def _to_album(row: Any, members: Sequence[Any]) -> Album:
    values = dict(row._mapping)
    cover = values["cover_photo_id"]
    values |= {
        "id": AlbumId(values["id"]),
        "owner_id": UserId(values["owner_id"]),
        "cover_photo_id": None if cover is None else PhotoId(cover),
        "query": query_of(values["query"]),
        "members": {
            each.user_id: Member(
                user_id=UserId(each.user_id), role=Role(each.role), number=each.number, since=each.since
            )
            for each in members
        },
    }
    return Album(**values)


def _columns(album: Album) -> dict[str, object]:
    return {
        "name": album.name,
        "description": album.description,
        "cover_photo_id": album.cover_photo_id,
        "query": query_told(album.query),
        "queries": album.queries,
        "photo_count": album.photo_count,
        "last_position": album.last_position,
        "memberships": album.memberships,
        "updated_at": album.updated_at,
    }


class PostgresAlbumRepository(AlbumRepository):
    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def add(self, album: Album) -> None:
        first = {
            "owner_id": album.owner_id,
            "id": album.id,
            "created_at": album.created_at,
            "version": album.version,
        }
        await self._session.execute(_ADD, first | _columns(album))
        await self._outbox.publish(album.take_events())

    async def get(self, album_id: AlbumId, *, actor: UserId) -> Album:
        row = (await self._session.execute(_GET, {"actor": actor, "album": album_id})).one_or_none()
        if row is None:
            raise AlbumNotFound(f"There is no album {album_id}.")
        # Only now, under the lock: who is a member no longer by now, is none.
        of_album = {"owner": row.owner_id, "album": album_id}
        album = _to_album(row, (await self._session.execute(_MEMBERS, of_album)).all())
        if album.role_of(actor) is None:
            raise AlbumNotFound(f"There is no album {album_id}.")
        return album

    async def save(self, album: Album) -> None:
        key = {"owner_id": album.owner_id, "id": album.id}
        await update_versioned(self._session, AlbumRow, album, _columns(album), **key)
        events = album.take_events()
        of_album = {"owner": album.owner_id, "album": album.id}
        for event in events:
            if isinstance(event, MemberJoined):
                joined = {"role": event.role.value, "number": event.number, "since": event.at}
                await self._session.execute(_JOIN, of_album | {"user": event.user_id, **joined})
            elif isinstance(event, MemberRoleChanged):
                changed = {"user": event.user_id, "role": event.role.value}
                await self._session.execute(_CHANGE_ROLE, of_album | changed)
            elif isinstance(event, MemberLeft):
                await self._session.execute(_LEAVE, of_album | {"user": event.user_id})
        await self._outbox.publish(events)

    async def remove(self, album: Album) -> None:
        there = {"owner": album.owner_id, "album": album.id, "version": album.version}
        if (await self._session.execute(_REMOVE, there)).one_or_none() is None:
            raise ConcurrentUpdate(f"The album {album.id} was changed by someone else. Read it again.")
        await self._outbox.publish(album.take_events())

    async def memberships(self, user_id: UserId) -> Sequence[tuple[AlbumId, int]]:
        rows = (await self._session.execute(_MEMBERSHIPS, {"user": user_id})).all()
        return [(AlbumId(row.album_id), row.number) for row in rows]

    async def some_of(self, user_id: UserId, *, limit: int) -> Sequence[AlbumId]:
        found = await self._session.execute(_SOME_OF, {"user": user_id, "limit": limit})
        return [AlbumId(each) for each in found.scalars()]


class PostgresUserDirectory(UserDirectory):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def find(self, told: UserId | EmailAddress) -> UserId:
        rows = await self._reader.fetch(_DIRECTORY[not isinstance(told, str)], told=told)
        if not rows:
            raise UserNotFound(f"There is no user {told}.")
        if len(rows) > 1:
            raise UserNotFound(f"More than one user has the address {told}: name them by id.")
        return UserId(rows[0]["id"])

"""Libraries as they are moved: what no page of the API tells."""

from collections.abc import Sequence
from uuid import UUID

from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.transfer.queries import Membership, NamedMember, Owner, PlacedPhoto, TransferQueries
from photostore.user.errors import UserNotFound
from photostore_adapters.postgres.reading import Reader, Statement

_OWNER = Statement(
    "SELECT id, email, display_name FROM users WHERE id = $1 AND erased_at IS NULL",
    ("owner",),
)
_OWNERS = Statement(
    "SELECT id, email, display_name FROM users WHERE erased_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
    ("after", "limit"),
)
_MEMBERSHIPS = Statement(
    """
    SELECT photo_id, album_id, name FROM album_photos AS placed
    JOIN albums ON albums.owner_id = placed.owner_id AND albums.id = album_id
    WHERE photo_owner_id = $1 AND photo_id = ANY ($2::uuid[]) ORDER BY photo_id, album_id
    """,
    ("owner", "photo_ids"),
)
_CONTENTS = Statement(
    """
    SELECT photos.id, photos.owner_id, photos.sha256 FROM album_photos AS placed
    JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = photo_id
    WHERE placed.owner_id = $1 AND album_id = $2 ORDER BY position, photo_id
    """,
    ("owner", "album_id"),
)
_MEMBERS = Statement(
    """
    SELECT email, display_name, role FROM album_members AS member JOIN users ON users.id = user_id
    WHERE member.owner_id = $1 AND album_id = $2 ORDER BY number
    """,
    ("owner", "album_id"),
)
_HASHTAGS = Statement("SELECT name FROM hashtags WHERE created_by = $1 ORDER BY name", ("owner",))


class PostgresTransferQueries(TransferQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def owner(self, owner_id: UserId) -> Owner:
        row = await self._reader.fetch_one(_OWNER, owner=owner_id)
        if row is None:
            raise UserNotFound(f"There is no user {owner_id}.")
        return Owner(*row)

    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[Owner]:
        rows = await self._reader.fetch(_OWNERS, after=after or UUID(int=0), limit=limit)
        return [Owner(*row) for row in rows]

    async def memberships(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[Membership]:
        rows = await self._reader.fetch(_MEMBERSHIPS, owner=owner, photo_ids=list(photo_ids))
        return [Membership(*row) for row in rows]

    async def contents(self, album_id: AlbumId, *, owner: UserId) -> Sequence[PlacedPhoto]:
        rows = await self._reader.fetch(_CONTENTS, owner=owner, album_id=album_id)
        return [PlacedPhoto(*row) for row in rows]

    async def members(self, album_id: AlbumId, *, owner: UserId) -> Sequence[NamedMember]:
        rows = await self._reader.fetch(_MEMBERS, owner=owner, album_id=album_id)
        return [NamedMember(*row) for row in rows]

    async def hashtags_of(self, owner: UserId) -> Sequence[str]:
        return [row[0] for row in await self._reader.fetch(_HASHTAGS, owner=owner)]

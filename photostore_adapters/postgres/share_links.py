"""Share links, as rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from photostore.share_link.errors import ShareLinkInvalid, ShareLinkNotFound
from photostore.share_link.ports import ShareLinkRepository
from photostore.share_link.share_link import ShareLink
from photostore.shared.errors import ConcurrentUpdate, FieldError
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, UserId
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.rows import Row, update_versioned

# Whoever deletes photos locks them first, in this order, and then what they leave: so does who makes and removes links.
_LOCK_PHOTOS = text("""
    SELECT id FROM photos WHERE owner_id = :owner AND id = ANY(CAST(:photo_ids AS uuid[])) ORDER BY id FOR KEY SHARE
""")
_LOCK_ALBUM = text("SELECT id FROM albums WHERE owner_id = :owner AND id = :album_id FOR KEY SHARE")
_LOCK_SHARED = text("""
    SELECT photos.id FROM photos JOIN share_link_photos AS shared
        ON shared.owner_id = photos.owner_id AND shared.photo_id = photos.id
    WHERE shared.owner_id = :owner AND shared.link_id = :link_id ORDER BY photos.id FOR KEY SHARE OF photos
""")
_SHARE_PHOTOS = text("""
    INSERT INTO share_link_photos (owner_id, link_id, position, photo_id)
    SELECT :owner, :link_id, position, photo_id
    FROM unnest(CAST(:photo_ids AS uuid[])) WITH ORDINALITY AS shared (photo_id, position)
""")
_PHOTOS_OF = text(
    "SELECT photo_id FROM share_link_photos WHERE owner_id = :owner AND link_id = :link_id ORDER BY position"
)
_LIVE = text("SELECT id FROM share_links WHERE owner_id = :owner AND NOT disabled ORDER BY id FOR UPDATE")


class ShareLinkRow(Row):
    __tablename__ = "share_links"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes]
    sealed_token: Mapped[str]
    album_id: Mapped[UUID | None]
    name: Mapped[str | None]
    password_hash: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    allow_download: Mapped[bool]
    allow_upload: Mapped[bool]
    hide_metadata: Mapped[bool]
    max_views: Mapped[int | None]
    max_uploads: Mapped[int | None]
    max_upload_bytes: Mapped[int | None]
    review: Mapped[bool]
    allow_selection: Mapped[bool]
    disabled: Mapped[bool]
    generation: Mapped[int]
    used_up_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int]


class ShareLinkRows(SQLAlchemyAsyncRepository[ShareLinkRow]):
    model_type = ShareLinkRow


def _to_link(row: ShareLinkRow, photo_ids: Sequence[UUID]) -> ShareLink:
    return ShareLink(
        id=ShareLinkId(row.id),
        version=row.version,
        owner_id=UserId(row.owner_id),
        token_digest=row.token_digest,
        sealed_token=row.sealed_token,
        created_at=row.created_at,
        album_id=None if row.album_id is None else AlbumId(row.album_id),
        photo_ids=tuple(PhotoId(each) for each in photo_ids),
        name=row.name,
        password_hash=row.password_hash,
        expires_at=row.expires_at,
        allow_download=row.allow_download,
        allow_upload=row.allow_upload,
        hide_metadata=row.hide_metadata,
        max_views=row.max_views,
        max_uploads=row.max_uploads,
        max_upload_bytes=row.max_upload_bytes,
        review=row.review,
        allow_selection=row.allow_selection,
        disabled=row.disabled,
        generation=row.generation,
        used_up_at=row.used_up_at,
    )


def _changing(link: ShareLink) -> dict[str, object]:
    return {
        "name": link.name,
        "password_hash": link.password_hash,
        "expires_at": link.expires_at,
        "allow_download": link.allow_download,
        "allow_upload": link.allow_upload,
        "hide_metadata": link.hide_metadata,
        "max_views": link.max_views,
        "max_uploads": link.max_uploads,
        "max_upload_bytes": link.max_upload_bytes,
        "review": link.review,
        "allow_selection": link.allow_selection,
        "disabled": link.disabled,
        "generation": link.generation,
        "used_up_at": link.used_up_at,
    }


class PostgresShareLinkRepository(ShareLinkRepository):
    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._rows = ShareLinkRows(session=session, auto_expunge=True)
        self._outbox = outbox

    async def add(self, link: ShareLink) -> None:
        named = {"owner": link.owner_id, "link_id": link.id, "photo_ids": list(link.photo_ids)}
        if link.photo_ids and len((await self._session.execute(_LOCK_PHOTOS, named)).all()) < len(link.photo_ids):
            errors = [FieldError("photo_ids", "must all be photos of yours")]
            raise ShareLinkInvalid("Some of the photos are not there.", errors=errors)
        of_album = {"owner": link.owner_id, "album_id": link.album_id}
        if link.album_id is not None and not (await self._session.execute(_LOCK_ALBUM, of_album)).all():
            raise ShareLinkInvalid(
                "There is no such album.", errors=[FieldError("album_id", "must be an album of yours")]
            )
        fixed = {
            "owner_id": link.owner_id,
            "id": link.id,
            "token_digest": link.token_digest,
            "sealed_token": link.sealed_token,
            "album_id": link.album_id,
            "created_at": link.created_at,
            "version": link.version,
        }
        await self._session.execute(insert(ShareLinkRow).values(**fixed, **_changing(link)))
        if link.photo_ids:
            await self._session.execute(_SHARE_PHOTOS, named)

    async def get(self, link_id: ShareLinkId, *, owner: UserId) -> ShareLink:
        row = await self._rows.get_one_or_none(owner_id=owner, id=link_id, with_for_update=True)
        if row is None:
            raise ShareLinkNotFound(f"There is no share link {link_id}.")
        named = {"owner": owner, "link_id": link_id}
        return _to_link(row, (await self._session.execute(_PHOTOS_OF, named)).scalars().all())

    async def save(self, link: ShareLink) -> None:
        key = {"owner_id": link.owner_id, "id": link.id}
        await update_versioned(self._session, ShareLinkRow, link, _changing(link), **key)
        await self._outbox.publish(link.take_events())

    async def remove(self, link: ShareLink) -> None:
        await self._session.execute(_LOCK_SHARED, {"owner": link.owner_id, "link_id": link.id})
        here = (ShareLinkRow.owner_id == link.owner_id, ShareLinkRow.id == link.id)
        removed = await self._session.execute(
            delete(ShareLinkRow)
            .where(*here, ShareLinkRow.version == link.version)
            .execution_options(synchronize_session=False)
            .returning(ShareLinkRow.id)
        )
        if removed.scalar_one_or_none() is None:
            raise ConcurrentUpdate(f"Share link {link.id} was changed by someone else. Read it again.")
        await self._outbox.publish(link.take_events())

    async def renew_all(self, owner: UserId, *, now: datetime) -> None:
        for link_id in (await self._session.execute(_LIVE, {"owner": owner})).scalars().all():
            link = await self.get(ShareLinkId(link_id), owner=owner)
            link.end_urls(now=now)
            await self.save(link)

    async def end_all(self, owner: UserId, *, now: datetime) -> None:
        for link_id in (await self._session.execute(_LIVE, {"owner": owner})).scalars().all():
            link = await self.get(ShareLinkId(link_id), owner=owner)
            link.disable(now=now)
            await self.save(link)

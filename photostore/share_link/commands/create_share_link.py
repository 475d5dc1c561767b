"""Make a share link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from photostore.share_link.passwords import link_password
from photostore.share_link.ports import ShareLinkRepository, ShareTokens
from photostore.share_link.share_link import ShareLink, demand_photo_ids, demand_target
from photostore.share_link.tokens import TOKEN_SIZE, share_token, token_digest
from photostore.shared.clock import Clock, Ids, Secrets
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.ports import PasswordHasher


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRequest:
    """What a new link shows and allows."""

    album_id: AlbumId | None
    photo_ids: Sequence[PhotoId] | None
    name: str | None
    password: str | None
    expires_at: datetime | None
    allow_download: bool
    allow_upload: bool
    hide_metadata: bool
    max_views: int | None
    max_uploads: int | None
    max_upload_bytes: int | None
    review: bool
    allow_selection: bool = True


@dataclass(frozen=True, slots=True)
class CreateShareLink:
    """Raise `ShareLinkInvalid`, also when a photo or the album is not the actor's."""

    links: ShareLinkRepository
    tokens: ShareTokens
    passwords: PasswordHasher
    clock: Clock
    ids: Ids
    secrets: Secrets
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, wanted: ShareRequest) -> ShareLinkId:
        demand_target(wanted.album_id, wanted.photo_ids)
        photo_ids = tuple(wanted.photo_ids or ())
        if wanted.album_id is None:
            demand_photo_ids(photo_ids)
        password = None if wanted.password is None else link_password(wanted.password)
        link = self._link(actor, wanted, photo_ids)
        link.demand_future(now=link.created_at)
        if password is not None:
            link.password_hash = await self.passwords.hash(password)
        async with self.unit_of_work.answering():
            await self.links.add(link)
        return link.id

    def _link(self, actor: UserId, wanted: ShareRequest, photo_ids: tuple[PhotoId, ...]) -> ShareLink:
        link_id, token = ShareLinkId(self.ids.new()), share_token(self.secrets.token(TOKEN_SIZE))
        return ShareLink(
            id=link_id,
            owner_id=actor,
            token_digest=token_digest(token),
            sealed_token=self.tokens.seal(link_id, token),
            created_at=self.clock.now(),
            album_id=wanted.album_id,
            photo_ids=photo_ids,
            name=wanted.name,
            expires_at=wanted.expires_at,
            allow_download=wanted.allow_download,
            allow_upload=wanted.allow_upload,
            hide_metadata=wanted.hide_metadata,
            max_views=wanted.max_views,
            max_uploads=wanted.max_uploads,
            max_upload_bytes=wanted.max_upload_bytes,
            review=wanted.review,
            allow_selection=wanted.allow_selection,
        )

"""`/photos/{id}/exposure`: through what a photo can be reached."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller
from litestar.params import PathParameter
from msgspec import Struct

from photostore.photo.errors import PhotoNotFound
from photostore.share_link.commands.show_exposure import ShowExposure
from photostore.share_link.exposure import ExposingKey, ExposingLink, ExposingMember, Exposure
from photostore.shared.ids import PhotoId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore_http.authentication import interactive
from photostore_http.problem_specs import refusals
from photostore_http.routing import get

_Id = Annotated[UUID, PathParameter(description="The photo's id.")]
_Metadata = Literal["full", "hidden"]
_Bytes = Literal["original", "renditions"]


class ExposedByLink(Struct, frozen=True, kw_only=True):
    """A share link that opens now; `owner_id` is another's where the photo was added to another's album."""

    id: UUID
    owner_id: UUID
    name: str | None
    album_id: UUID | None
    has_password: bool
    expires_at: datetime | None
    metadata: _Metadata
    bytes: _Bytes


class ExposedToMember(Struct, frozen=True, kw_only=True):
    """Someone who sees an album that the photo is in."""

    album_id: UUID
    user_id: UUID
    display_name: str | None
    role: str
    metadata: _Metadata
    bytes: _Bytes


class ExposedToApiKey(Struct, frozen=True, kw_only=True):
    """An API key of the caller's own that reads or writes photos; or albums, where one shows the photo."""

    id: UUID
    name: str
    scopes: Sequence[str]
    expires_at: datetime | None
    metadata: _Metadata
    bytes: _Bytes


class PhotoExposure(Struct, frozen=True, kw_only=True):
    """With which metadata, and with which bytes. Besides, whoever is handed a URL out of the caller's own answers gets in by
    it until `urls_expire_at`."""

    links: list[ExposedByLink]
    members: list[ExposedToMember]
    api_keys: list[ExposedToApiKey]


class ExposureController(Controller):
    path = "/photos/{photo_id:uuid}/exposure"
    tags = ("shares",)
    guards = (interactive,)

    @get(operation_id="GetPhotoExposure", responses=refusals(InvalidToken, InsufficientScope, PhotoNotFound))
    @inject
    async def exposure(
        self, photo_id: _Id, actor: FromDishka[Actor], show_exposure: FromDishka[ShowExposure]
    ) -> PhotoExposure:
        """Every share link, album member and API key by which others get at the photo now."""
        return _told(await show_exposure(actor=actor.user_id, photo_id=PhotoId(photo_id)))


def _told(exposure: Exposure) -> PhotoExposure:
    return PhotoExposure(
        links=[_link(each) for each in exposure.links],
        members=[_member(each) for each in exposure.members],
        api_keys=[_key(each) for each in exposure.api_keys],
    )


def _link(link: ExposingLink) -> ExposedByLink:
    return ExposedByLink(
        id=link.id,
        owner_id=link.owner_id,
        name=link.name,
        album_id=link.album_id,
        has_password=link.has_password,
        expires_at=link.expires_at,
        metadata="hidden" if link.hide_metadata else "full",
        bytes="original" if link.allow_download else "renditions",
    )


def _member(member: ExposingMember) -> ExposedToMember:
    return ExposedToMember(
        album_id=member.album_id,
        user_id=member.user_id,
        display_name=member.display_name,
        role=member.role,
        metadata="full",
        bytes="original",
    )


def _key(key: ExposingKey) -> ExposedToApiKey:
    return ExposedToApiKey(
        id=key.id, name=key.name, scopes=key.scopes, expires_at=key.expires_at, metadata="full", bytes="original"
    )

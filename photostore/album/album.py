"""The album: photos in an order, or found by a query; and whom it is shared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from photostore.album.details import DESCRIPTION_LIMIT, checked_name, checked_text, demand_bounded
from photostore.album.errors import AlbumFilledByHand, AlbumFindsByQuery, AlbumInvalid, AlbumNotFound, RoleForbids
from photostore.album.events import (
    AlbumChanged,
    AlbumCreated,
    AlbumDeleted,
    AlbumQueryChanged,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    PhotosJoinedAlbum,
    PhotosLeftAlbum,
)
from photostore.album.roles import ALLOWED, MEMBER_ROLES, Action, Role
from photostore.photo.queries import PhotoFilter
from photostore.shared.aggregate import Aggregate
from photostore.shared.blobs import BlobKey
from photostore.shared.errors import FieldError
from photostore.shared.ids import AlbumId, PhotoId, UserId


class Unset:
    """Stands for "not said": in an edit `None` takes a value away, and `UNSET` leaves it."""


UNSET = Unset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumEdit:
    """What to change; whatever is `UNSET` stays. `query` holds those fields of the filter that change."""

    name: str | Unset = UNSET
    description: str | None | Unset = UNSET
    cover_photo_id: PhotoId | None | Unset = UNSET
    query: Mapping[str, Any] | Unset = UNSET

    @property
    def is_empty(self) -> bool:
        return all(isinstance(getattr(self, each.name), Unset) for each in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`number` counts the memberships of an album, so that none is taken for an earlier one."""

    user_id: UserId
    role: Role
    number: int
    since: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Album(Aggregate[AlbumId]):
    """An album of `owner_id`'s. With a `query` its photos are those of the owner's that it finds, and nobody puts any there.

    `photo_count` counts those put there by hand that are not in the trash. `last_position` is the last place that was ever
    given to one. `memberships` and `queries` count those that there ever were.
    """

    owner_id: UserId
    name: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    cover_photo_id: PhotoId | None = None
    query: PhotoFilter | None = None
    photo_count: int = 0
    last_position: int = 0
    memberships: int = 0
    queries: int = 0
    members: Mapping[UserId, Member] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = checked_name(self.name)
        self.description = checked_text("description", self.description, DESCRIPTION_LIMIT)
        if self.query is not None:
            demand_bounded(self.query)

    @property
    def people(self) -> tuple[UserId, ...]:
        return (self.owner_id, *self.members)

    def role_of(self, user_id: UserId) -> Role | None:
        if user_id == self.owner_id:
            return Role.OWNER
        member = self.members.get(user_id)
        return member.role if member else None

    def demand(self, actor: UserId, action: Action) -> None:
        """Raise `AlbumNotFound` for strangers, `RoleForbids` for members who may not."""
        role = self.role_of(actor)
        if role is None:
            raise AlbumNotFound(f"There is no album {self.id}.")
        if action not in ALLOWED[role]:
            raise RoleForbids(action)

    def demand_by_hand(self) -> None:
        """Raise `AlbumFindsByQuery`."""
        if self.query is not None:
            raise AlbumFindsByQuery(f"The album {self.id} finds its photos by a query.")

    def created(self) -> None:
        self.record(AlbumCreated(at=self.created_at, owner_id=self.owner_id, album_id=self.id))

    def edit(self, edit: AlbumEdit, *, now: datetime) -> None:
        """Raise `AlbumInvalid` or `AlbumFilledByHand`. Whether a cover can be one, whoever calls has seen."""
        if not isinstance(edit.name, Unset):
            self.name = checked_name(edit.name)
        if not isinstance(edit.description, Unset):
            self.description = checked_text("description", edit.description, DESCRIPTION_LIMIT)
        if not isinstance(edit.query, Unset):
            self._find_by(edit.query, now=now)
        if not isinstance(edit.cover_photo_id, Unset):
            self.cover_photo_id = edit.cover_photo_id
        if not edit.is_empty:
            self._changed(now)

    def photos_added(self, blob_keys: Iterable[BlobKey], *, now: datetime) -> None:
        """These came to its end, none of them in the trash. None is fine."""
        keys = tuple(blob_keys)
        if keys:
            self.photo_count += len(keys)
            self.record(PhotosJoinedAlbum(at=now, album_id=self.id, blob_keys=keys))
            self._changed(now)

    def photos_removed(self, blob_keys: Iterable[BlobKey], *, shown: int, now: datetime) -> None:
        """So many of these were not in the trash. None is fine."""
        keys = tuple(blob_keys)
        if keys:
            self.photo_count -= shown
            self.record(PhotosLeftAlbum(at=now, album_id=self.id, blob_keys=keys))
            self._changed(now)

    def reordered(self, *, now: datetime) -> None:
        self._changed(now)

    def share_with(self, user_id: UserId, role: Role, *, now: datetime) -> bool:
        """Whether they are new to it. Raise `AlbumInvalid`."""
        if user_id == self.owner_id:
            raise _no_member("the owner of an album cannot be its member")
        if role not in MEMBER_ROLES:
            raise AlbumInvalid("That is no member's role.", errors=[FieldError("role", "must be a member's")])
        before = self.members.get(user_id)
        if before is not None and before.role is role:
            return False
        if before is None:
            self.memberships += 1
            self.record(MemberJoined(at=now, album_id=self.id, user_id=user_id, role=role, number=self.memberships))
            member = Member(user_id=user_id, role=role, number=self.memberships, since=now)
        else:
            self.record(MemberRoleChanged(at=now, album_id=self.id, user_id=user_id, role=role))
            member = Member(user_id=user_id, role=role, number=before.number, since=before.since)
        self.members = {**self.members, user_id: member}
        self._changed(now)
        return before is None

    def unshare(self, user_id: UserId, *, now: datetime) -> None:
        """Not shared with them is fine. Their photos, whoever calls takes out."""
        member = self.members.get(user_id)
        if member is None:
            return
        self.members = {each: other for each, other in self.members.items() if each != user_id}
        self.record(MemberLeft(at=now, album_id=self.id, user_id=user_id, number=member.number))
        self._changed(now)

    def delete(self, *, now: datetime) -> None:
        """Say that it goes. The photos stay."""
        self.record(AlbumDeleted(at=now, album_id=self.id, people=self.people))

    def _find_by(self, changes: Mapping[str, Any], *, now: datetime) -> None:
        if self.query is None:
            raise AlbumFilledByHand(f"The photos of the album {self.id} are put there by hand.")
        query = replace(self.query, **changes)
        demand_bounded(query)
        if query != self.query:
            self.record(AlbumQueryChanged(at=now, album_id=self.id, number=self.queries))
            self.query, self.queries, self.cover_photo_id = query, self.queries + 1, None

    def _changed(self, now: datetime) -> None:
        self.updated_at = now
        self.record(AlbumChanged(at=now, album_id=self.id, people=self.people))


def _no_member(message: str) -> AlbumInvalid:
    return AlbumInvalid("They cannot be a member.", errors=[FieldError("user", message)])

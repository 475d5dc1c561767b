"""Facts about albums. `people` are all who can see the album: its owner and its members."""

from dataclasses import dataclass

from photostore.album.roles import Role
from photostore.shared.aggregate import Event
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import AlbumId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumCreated(Event):
    owner_id: UserId
    album_id: AlbumId


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumChanged(Event):
    """It, or what is in it."""

    album_id: AlbumId
    people: tuple[UserId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumQueryChanged(Event):
    """It finds other photos. `number` is the query's that was."""

    album_id: AlbumId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumDeleted(Event):
    album_id: AlbumId
    people: tuple[UserId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosJoinedAlbum(Event):
    album_id: AlbumId
    blob_keys: tuple[BlobKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosLeftAlbum(Event):
    album_id: AlbumId
    blob_keys: tuple[BlobKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFoundPhoto(Event):
    """A photo that changed is found by an album's query, maybe as before. `number` is the query's."""

    album_id: AlbumId
    number: int
    blob_key: BlobKey


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLostPhoto(Event):
    """A photo that changed is not found by an album's query, and maybe was not before."""

    album_id: AlbumId
    number: int
    blob_key: BlobKey


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Event):
    """`number` is that of the membership, which nobody else ever has in the album."""

    album_id: AlbumId
    user_id: UserId
    role: Role
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRoleChanged(Event):
    album_id: AlbumId
    user_id: UserId
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    album_id: AlbumId
    user_id: UserId
    number: int

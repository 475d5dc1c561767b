"""What an event causes, jobs and revoked URLs: one table each. Whoever publishes events does these in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from photostore.album.events import (
    AlbumDeleted,
    AlbumQueryChanged,
    MemberLeft,
    PhotosJoinedAlbum,
    PhotosLeftAlbum,
    QueryFoundPhoto,
    QueryLostPhoto,
)
from photostore.job.job import Job
from photostore.photo.events import PhotoCreated, PhotoDeleted, PhotoRestored, PhotoTrashed, RenditionsReplaced
from photostore.photo.jobs import decoding
from photostore.photo.renditions import picture_of
from photostore.share_link.audience import share_part
from photostore.share_link.events import ShareUrlsEnded
from photostore.shared.aggregate import Event
from photostore.shared.media import album_part, audience_of, member_part, picture_within, query_part
from photostore.upload.events import UploadLeftBytes, UploadLeftUrl
from photostore.user.events import AccountErased, UserDisabled, UserEnabled

DELETE_BLOBS = "delete_blobs"
ERASE_ACCOUNT = "erase_account"


# Pages that tell the URL of a replaced rendition may be open as long.
REPLACED_STAYS = timedelta(days=1)
# What is sent to a signed URL at its last moment takes a while to come.
SENDING_TAKES = timedelta(hours=1)


def _decode(event: PhotoCreated) -> Job:
    return decoding(
        event.owner_id, event.photo_id, keywords_as_hashtags=event.keywords_as_hashtags, behind=event.behind
    )


def _delete_picture(event: PhotoDeleted) -> Job:
    return Job(name=DELETE_BLOBS, arguments={"keys": [event.blob_key]})


def _delete_left(event: UploadLeftBytes) -> Job:
    arguments: dict[str, object] = {"keys": [key for key in (event.blob_key, event.tail_key) if key]}
    if event.multipart_id is not None:
        arguments["multiparts"] = [[event.blob_key, event.multipart_id]]
    return Job(name=DELETE_BLOBS, arguments=arguments)


def _delete_late(event: UploadLeftUrl) -> Job:
    delay = event.until - event.at + SENDING_TAKES
    return Job(name=DELETE_BLOBS, arguments={"keys": [event.blob_key]}, delay=delay)


def _delete_replaced(event: RenditionsReplaced) -> Job:
    return Job(name=DELETE_BLOBS, arguments={"keys": list(event.blob_keys)}, delay=REPLACED_STAYS)


def _erase_account(event: AccountErased) -> Job:
    return Job(name=ERASE_ACCOUNT, arguments={"user_id": str(event.user_id)}, dedupe_key=f"erase:{event.user_id}")


REACTIONS: Mapping[type[Event], Callable[[Any], Job]] = {
    PhotoCreated: _decode,
    PhotoDeleted: _delete_picture,
    RenditionsReplaced: _delete_replaced,
    UploadLeftBytes: _delete_left,
    UploadLeftUrl: _delete_late,
    AccountErased: _erase_account,
}


def _within_album(event: PhotosJoinedAlbum | PhotosLeftAlbum) -> list[str]:
    album = album_part(event.album_id)
    return [picture_within(album, picture_of(key)) for key in event.blob_keys]


def _within_query(event: QueryFoundPhoto | QueryLostPhoto) -> list[str]:
    return [picture_within(query_part(event.album_id, event.number), picture_of(event.blob_key))]


def _of_user(event: UserDisabled | UserEnabled) -> list[str]:
    memberships = [member_part(album_id, event.user_id, number) for album_id, number in event.memberships]
    return [audience_of(event.user_id), *memberships]


Subjects = Callable[[Any], Sequence[str]]
# What media URLs serve no longer.
REVOCATIONS: Mapping[type[Event], Subjects] = {
    PhotoTrashed: lambda event: [picture_of(event.blob_key)],
    PhotoDeleted: lambda event: [picture_of(event.blob_key)],
    AccountErased: lambda event: [audience_of(event.user_id)],
    UserDisabled: _of_user,
    ShareUrlsEnded: lambda event: [share_part(event.link_id, event.generation)],
    AlbumDeleted: lambda event: [album_part(event.album_id)],
    AlbumQueryChanged: lambda event: [query_part(event.album_id, event.number)],
    MemberLeft: lambda event: [member_part(event.album_id, event.user_id, event.number)],
    PhotosLeftAlbum: _within_album,
    QueryLostPhoto: _within_query,
}

# What they serve again.
ALLOWANCES: Mapping[type[Event], Subjects] = {
    PhotoRestored: lambda event: [picture_of(event.blob_key)],
    PhotosJoinedAlbum: _within_album,
    QueryFoundPhoto: _within_query,
    UserEnabled: _of_user,
}


def subjects_revoked_by(events: Sequence[Event]) -> list[str]:
    return [each for event in events if type(event) in REVOCATIONS for each in REVOCATIONS[type(event)](event)]


def subjects_allowed_by(events: Sequence[Event]) -> list[str]:
    return [each for event in events if type(event) in ALLOWANCES for each in ALLOWANCES[type(event)](event)]


def jobs_caused_by(events: Sequence[Event]) -> list[Job]:
    """One job an event that has a reaction, in order."""
    return [REACTIONS[type(event)](event) for event in events if type(event) in REACTIONS]

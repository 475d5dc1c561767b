"""The photo: one stored picture of one owner, and what is said about it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from photostore.hashtag.name import HashtagName, hashtag_names, hashtag_names_in
from photostore.photo.details import (
    DESCRIPTION_LIMIT,
    HASHTAGS_LIMIT,
    TITLE_LIMIT,
    checked_count,
    checked_text,
    patched_custom,
)
from photostore.photo.errors import PhotoInvalid
from photostore.photo.events import (
    PhotoCreated,
    PhotoDated,
    PhotoDecoded,
    PhotoDecodingFailed,
    PhotoDeleted,
    PhotoEdited,
    PhotoFoundOtherwise,
    PhotoOriginalLost,
    PhotoOriginalRecovered,
    PhotoRenditionsLost,
    PhotoRestored,
    PhotoRetagged,
    PhotoTrashed,
    RenditionsReplaced,
)
from photostore.photo.picture import LOST, Camera, Failure, Fingerprint, Location, PictureFacts, Rendition
from photostore.quota.figures import Figures
from photostore.shared.aggregate import Aggregate
from photostore.shared.blobs import BlobKey
from photostore.shared.errors import FieldError
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unset import UNSET, Unset

FIRST_YEAR, LAST_YEAR = 2, 9998


MOST_OFFSET_MINUTES = 14 * 60


class PhotoStatus(StrEnum):
    """Whether the picture can be shown yet."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEdit:
    """What to change; whatever is `UNSET` stays. `custom` is a merge patch of the object that there is."""

    title: str | None | Unset = UNSET
    description: str | None | Unset = UNSET
    hashtags: Iterable[str] | Unset = UNSET
    favorite: bool | Unset = UNSET
    taken_at: datetime | None | Unset = UNSET
    custom: Mapping[str, object] | None | Unset = UNSET

    @property
    def is_empty(self) -> bool:
        return all(isinstance(getattr(self, each.name), Unset) for each in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What decoding found, and the renditions that were kept. `width` and `height` are the original's, as displayed."""

    width: int
    height: int
    facts: PictureFacts
    placeholder: bytes
    fingerprint: Fingerprint
    renditions: tuple[Rendition, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Photo(Aggregate[PhotoId]):
    """A photo. `byte_size` in bytes, `sha256` the 32 bytes of the original's digest, sides in pixels as displayed.

    `taken_at` is UTC when `taken_at_offset_minutes` is known, else the camera's clock written as if it were UTC.
    `placeholder` is a ThumbHash. `edited_version` is the version that people last changed: what decoding changes later
    makes nobody's edit stale. `taken_at_edited` is whether people said when it was taken: then its metadata do not. It is
    in the trash while `trashed_at` is set: no hashtag counts it then, though it keeps its own. `images_bytes` are those
    of the images made on demand.
    """

    owner_id: UserId
    blob_key: BlobKey
    filename: str
    content_type: str
    byte_size: int
    sha256: bytes
    width: int
    height: int
    created_at: datetime
    updated_at: datetime
    title: str | None = None
    description: str | None = None
    taken_at: datetime | None = None
    taken_at_offset_minutes: int | None = None
    hashtags: tuple[HashtagName, ...] = ()
    favorite: bool = False
    custom: Mapping[str, object] = field(default_factory=dict)
    status: PhotoStatus = PhotoStatus.PROCESSING
    failure: Failure | None = None
    camera: Camera | None = None
    location: Location | None = None
    placeholder: bytes | None = None
    renditions: tuple[Rendition, ...] = ()
    edited_version: int = 1
    taken_at_edited: bool = False
    trashed_at: datetime | None = None
    images_bytes: int = 0

    def __post_init__(self) -> None:
        if self.byte_size <= 0 or self.width <= 0 or self.height <= 0:
            raise PhotoInvalid(f"photo {self.id} has {self.byte_size} bytes and {self.width} by {self.height} pixels")
        if len(self.sha256) != 32:
            raise PhotoInvalid(f"photo {self.id} has a digest of {len(self.sha256)} bytes")
        self.title = checked_text("title", self.title, TITLE_LIMIT)
        self.description = checked_text("description", self.description, DESCRIPTION_LIMIT)
        checked_count(self.hashtags)

    @property
    def figures(self) -> Figures:
        """What its owner keeps by it."""
        here = self.trashed_at is None
        return Figures(
            originals_bytes=self.byte_size if here else 0,
            trash_bytes=0 if here else self.byte_size,
            renditions_bytes=sum(each.byte_size for each in self.renditions) + self.images_bytes,
            photo_count=1 if here else 0,
        )

    def created(self, *, keywords_as_hashtags: bool | None = None, behind: int = 0) -> None:
        """Say that it came into being, with the hashtags that it has."""
        self.record(
            PhotoCreated(
                at=self.created_at,
                owner_id=self.owner_id,
                photo_id=self.id,
                keywords_as_hashtags=keywords_as_hashtags,
                behind=behind,
            )
        )
        self._record_retagging(frozenset(self.hashtags), frozenset(), now=self.created_at)

    def edit(self, edit: PhotoEdit, *, now: datetime) -> None:
        """Raise `PhotoInvalid` or `NotAHashtag`. An edit that says nothing changes nothing, not even the version."""
        if edit.is_empty:
            return
        before = self._filtered_by
        if not isinstance(edit.title, Unset):
            self.title = checked_text("title", edit.title, TITLE_LIMIT)
        if not isinstance(edit.description, Unset):
            self.description = checked_text("description", edit.description, DESCRIPTION_LIMIT)
        if not isinstance(edit.favorite, Unset):
            self.favorite = edit.favorite
        if not isinstance(edit.custom, Unset):
            self.custom = patched_custom(self.custom, edit.custom)
        if not isinstance(edit.taken_at, Unset):
            dated = self.taken_at
            self._correct_taken_at(edit.taken_at)
            self._record_dating(dated, now=now)
        if not isinstance(edit.hashtags, Unset):
            self._retag(hashtag_names(edit.hashtags), now=now)
        self._touch(now)
        self._record_finding(before, now=now)

    def tag(self, name: HashtagName, *, now: datetime) -> None:
        if name not in self.hashtags:
            before = self._filtered_by
            self._retag((*self.hashtags, name), now=now)
            self._touch(now)
            self._record_finding(before, now=now)

    def untag(self, name: HashtagName, *, now: datetime) -> None:
        if name in self.hashtags:
            before = self._filtered_by
            self._retag(tuple(each for each in self.hashtags if each != name), now=now)
            self._touch(now)
            self._record_finding(before, now=now)

    def show(self, picture: Shown, *, now: datetime) -> None:
        """It was decoded: it is ready, and tells what was found. What people said meanwhile stays."""
        before = self._filtered_by
        replaced = {each.blob_key for each in self.renditions} - {each.blob_key for each in picture.renditions}
        self.width, self.height = picture.width, picture.height
        self.camera, self.location = picture.facts.camera, picture.facts.location
        if self.taken_at is None and not self.taken_at_edited:
            self.taken_at = picture.facts.taken_at
            self.taken_at_offset_minutes = picture.facts.taken_at_offset_minutes
            self._record_dating(None, now=now)
        self.placeholder, self.renditions = picture.placeholder, picture.renditions
        self._come_to(PhotoStatus.READY, None, now=now)
        self.record(PhotoDecoded(at=now, owner_id=self.owner_id, photo_id=self.id, fingerprint=picture.fingerprint))
        self._record_finding(before, now=now)
        if replaced:
            keys = tuple(sorted(replaced))
            self.record(RenditionsReplaced(at=now, owner_id=self.owner_id, photo_id=self.id, blob_keys=keys))

    def tag_with_keywords(self, keywords: Iterable[str], *, now: datetime) -> None:
        """Carry the keywords of its metadata as hashtags, as far as they can be some and there is room."""
        names = [name for name in hashtag_names_in(keywords) if name not in self.hashtags]
        wanted = (*self.hashtags, *names)[: max(HASHTAGS_LIMIT, len(self.hashtags))]
        if wanted != self.hashtags:
            before = self._filtered_by
            self._retag(wanted, now=now)
            self._record_finding(before, now=now)
            # Whoever edits the hashtags has to have seen these.
            self.edited_version = self.version + 1

    def fail(self, failure: Failure, *, now: datetime) -> None:
        """It could not be decoded. The original stays. One that has renditions of an earlier day goes on showing them."""
        before = self._filtered_by
        if not self.renditions:
            self._come_to(PhotoStatus.FAILED, failure, now=now)
        self.record(PhotoDecodingFailed(at=now, owner_id=self.owner_id, photo_id=self.id, failure=failure))
        self._record_finding(before, now=now)

    def lose_original(self, failure: Failure, *, now: datetime) -> None:
        """The store no longer has the bytes that were uploaded. What was made from them goes on being shown."""
        if self.failure is not failure:
            before = self._filtered_by
            self.status, self.failure, self.updated_at = PhotoStatus.FAILED, failure, now
            self.record(PhotoOriginalLost(at=now, owner_id=self.owner_id, photo_id=self.id, failure=failure))
            self._record_finding(before, now=now)

    def recover_original(self, *, now: datetime) -> None:
        """The bytes that were uploaded are there again. One that was never decoded has that to come."""
        if self.failure in LOST:
            before = self._filtered_by
            decoded = self.placeholder is not None
            self.status, self.failure = PhotoStatus.READY if decoded else PhotoStatus.PROCESSING, None
            self.updated_at = now
            self.record(PhotoOriginalRecovered(at=now, owner_id=self.owner_id, photo_id=self.id))
            self._record_finding(before, now=now)

    def lose_renditions(self, keys: Collection[BlobKey], *, now: datetime) -> None:
        """The store no longer has these: they are to be made again."""
        self.renditions = tuple(each for each in self.renditions if each.blob_key not in keys)
        self.updated_at = now
        self.record(PhotoRenditionsLost(at=now, owner_id=self.owner_id, photo_id=self.id))

    def _come_to(self, status: PhotoStatus, failure: Failure | None, *, now: datetime) -> None:
        """By decoding, which does not know whether the bytes are those that were uploaded."""
        if self.failure not in LOST:
            self.status, self.failure = status, failure
        self.updated_at = now

    def move_to_trash(self, *, now: datetime) -> None:
        """There already is fine."""
        if self.trashed_at is None:
            self._record_retagging(frozenset(), frozenset(self.hashtags), now=now)
            self.trashed_at = now
            self._say_changed(now)
            self.record(PhotoTrashed(at=now, owner_id=self.owner_id, photo_id=self.id, blob_key=self.blob_key))

    def restore(self, *, now: datetime) -> None:
        """Back where it was, hashtags and all. Not in the trash is fine."""
        if self.trashed_at is not None:
            self.trashed_at = None
            self._record_retagging(frozenset(self.hashtags), frozenset(), now=now)
            self._say_changed(now)
            self.record(PhotoRestored(at=now, owner_id=self.owner_id, photo_id=self.id, blob_key=self.blob_key))

    def delete(self, *, now: datetime) -> None:
        """Say that it goes, hashtags and bytes included."""
        self._record_retagging(frozenset(), frozenset(self.hashtags), now=now)
        self.record(PhotoDeleted(at=now, owner_id=self.owner_id, photo_id=self.id, blob_key=self.blob_key))

    def _correct_taken_at(self, taken_at: datetime | None) -> None:
        self.taken_at_edited = True
        if taken_at is None:
            self.taken_at = self.taken_at_offset_minutes = None
            return
        offset = taken_at.utcoffset()
        if offset:
            self.taken_at_offset_minutes = _offset_minutes(offset)
        # Told in UTC, or without an offset, it corrects the moment alone, and the offset stays as it was known.
        try:
            moment = taken_at.replace(tzinfo=UTC) if offset is None else taken_at.astimezone(UTC)
        except OverflowError:
            moment = None
        # The first and the last moments that there are mean "for ever" to some databases.
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            message = f"must be within the years {FIRST_YEAR} to {LAST_YEAR}"
            raise PhotoInvalid("That is no time.", errors=[FieldError("taken_at", message)])
        self.taken_at = moment

    def _record_dating(self, before: datetime | None, *, now: datetime) -> None:
        if self.taken_at != before:
            self.record(PhotoDated(at=now, owner_id=self.owner_id, photo_id=self.id, taken_at=self.taken_at))

    @property
    def _filtered_by(self) -> tuple[object, ...]:
        """All that a filter looks at and that ever changes, but for the trash."""
        return self.title, self.description, frozenset(self.hashtags), self.favorite, self.taken_at, self.status

    def _record_finding(self, before: tuple[object, ...], *, now: datetime) -> None:
        if self._filtered_by != before:
            self.record(PhotoFoundOtherwise(at=now, owner_id=self.owner_id, photo_id=self.id))

    def _retag(self, names: tuple[HashtagName, ...], *, now: datetime) -> None:
        checked_count(names)
        before, after = frozenset(self.hashtags), frozenset(names)
        self.hashtags = names
        self._record_retagging(after - before, before - after, now=now)

    def _record_retagging(
        self, added: frozenset[HashtagName], removed: frozenset[HashtagName], *, now: datetime
    ) -> None:
        # In the trash no hashtag counts it; what it carries by then is told when it comes back.
        if self.trashed_at is None and (added or removed):
            self.record(PhotoRetagged(at=now, owner_id=self.owner_id, photo_id=self.id, added=added, removed=removed))

    def _touch(self, now: datetime) -> None:
        self._say_changed(now)
        self.record(PhotoEdited(at=now, owner_id=self.owner_id, photo_id=self.id))

    def _say_changed(self, now: datetime) -> None:
        self.updated_at = now
        self.edited_version = self.version + 1


def _offset_minutes(offset: timedelta) -> int:
    minutes = int(offset.total_seconds()) // 60
    if abs(minutes) > MOST_OFFSET_MINUTES:
        raise PhotoInvalid("That is no time.", errors=[FieldError("taken_at", "must be at most 14:00 hours off UTC")])
    return minutes

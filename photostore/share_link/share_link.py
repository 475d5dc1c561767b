"""The share link: what a visitor who holds its token may see and do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from photostore.share_link.errors import ShareLinkInvalid
from photostore.share_link.events import ShareUrlsEnded
from photostore.shared.aggregate import Aggregate
from photostore.shared.errors import FieldError
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, UserId
from photostore.shared.unset import UNSET, Unset

MOST_PHOTOS = 1000
NAME_LIMIT = 200
# What the columns of the database hold.
MOST = (1 << 63) - 1
_BOUNDED = ("max_views", "max_uploads", "max_upload_bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLinkEdit:
    """What to change; whatever is `UNSET` stays. `password_hash` is of the new password, `None` takes it away."""

    name: str | None | Unset = UNSET
    password_hash: str | None | Unset = UNSET
    expires_at: datetime | None | Unset = UNSET
    allow_download: bool | Unset = UNSET
    allow_upload: bool | Unset = UNSET
    hide_metadata: bool | Unset = UNSET
    max_views: int | None | Unset = UNSET
    max_uploads: int | None | Unset = UNSET
    max_upload_bytes: int | None | Unset = UNSET
    review: bool | Unset = UNSET
    allow_selection: bool | Unset = UNSET
    disabled: bool | Unset = UNSET


@dataclass(slots=True, kw_only=True, eq=False)
class ShareLink(Aggregate[ShareLinkId]):
    """A link to an album of its owner's, or to photos of theirs; to one of the two, always.

    The token opens it: its digest finds it, and `sealed_token` is told to the owner alone. Whatever is signed for its
    visitors, and every unlock, names `generation`: one that allows less than before ends with the next generation.
    `used_up_at` is when somebody wanted one view more than `max_views`.
    """

    owner_id: UserId
    token_digest: bytes
    sealed_token: str
    created_at: datetime
    album_id: AlbumId | None = None
    photo_ids: tuple[PhotoId, ...] = ()
    name: str | None = None
    password_hash: str | None = None
    expires_at: datetime | None = None
    allow_download: bool = False
    allow_upload: bool = False
    hide_metadata: bool = False
    max_views: int | None = None
    max_uploads: int | None = None
    max_upload_bytes: int | None = None
    review: bool = False
    allow_selection: bool = True
    disabled: bool = False
    generation: int = 1
    used_up_at: datetime | None = None

    def __post_init__(self) -> None:
        wrong = list(self._wrong())
        if wrong:
            raise ShareLinkInvalid("The share link does not validate.", errors=wrong)

    def _wrong(self) -> Iterable[FieldError]:
        if self.name is not None and not (1 <= len(self.name) <= NAME_LIMIT and "\x00" not in self.name):
            yield FieldError("name", f"must have 1 to {NAME_LIMIT} characters, none of them NUL")
        for field in _BOUNDED:
            value = getattr(self, field)
            if value is not None and not 1 <= value <= MOST:
                yield FieldError(field, f"must be 1 to {MOST}")
        if self.allow_upload and self.album_id is None:
            yield FieldError("allow_upload", "needs a link to an album")

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None

    def demand_future(self, *, now: datetime) -> None:
        """For ends that are given, not for those that are kept. Raise `ShareLinkInvalid`."""
        if self.expires_at is not None and self.expires_at <= now:
            raise ShareLinkInvalid(
                "The link would be dead already.", errors=[FieldError("expires_at", "must be later")]
            )

    def edit(self, edit: ShareLinkEdit, *, now: datetime) -> bool:
        """Change it, and tell whether anything changed. What was given out ends where less is allowed than before."""
        before = {each.name: getattr(self, each.name) for each in fields(ShareLinkEdit)}
        after = before | {name: value for name in before if not isinstance(value := getattr(edit, name), Unset)}
        if after == before:
            return False
        for name, value in after.items():
            setattr(self, name, value)
        self.__post_init__()
        if self.expires_at != before["expires_at"]:
            self.demand_future(now=now)
        if self.max_views != before["max_views"]:
            self.used_up_at = None
        if _allows_less(before, after):
            self.end_urls(now=now)
        return True

    def disable(self, *, now: datetime) -> None:
        """It opens for nobody until it is enabled again."""
        self.edit(ShareLinkEdit(disabled=True), now=now)

    def use_up(self, *, now: datetime) -> bool:
        """Somebody wanted one view more than there are. Tell whether that is news."""
        if self.used_up_at is not None:
            return False
        self.used_up_at = now
        self.end_urls(now=now)
        return True

    def end_urls(self, *, now: datetime) -> None:
        """Whatever was signed or unlocked so far is good no longer, 60 s from now at the latest."""
        self.record(ShareUrlsEnded(at=now, link_id=self.id, generation=self.generation))
        self.generation += 1


def _allows_less(before: dict[str, object], after: dict[str, object]) -> bool:
    ended = (
        (not before["disabled"] and after["disabled"])
        or (not before["hide_metadata"] and after["hide_metadata"])
        or (before["allow_download"] and not after["allow_download"])
        or before["password_hash"] != after["password_hash"]
    )
    return (
        bool(ended)
        or _ends_earlier(before["expires_at"], after["expires_at"])
        or _are_fewer(before["max_views"], after["max_views"])
    )


def _ends_earlier(before: object, after: object) -> bool:
    if not isinstance(after, datetime):
        return False
    return not isinstance(before, datetime) or after < before


def _are_fewer(before: object, after: object) -> bool:
    if not isinstance(after, int):
        return False
    return not isinstance(before, int) or after < before


def demand_target(album_id: AlbumId | None, photo_ids: Sequence[PhotoId] | None) -> None:
    """A link is to an album or to photos. Raise `ShareLinkInvalid`."""
    if (album_id is None) == (photo_ids is None):
        errors = [FieldError("album_id", "name an album or photos, and not both")]
        raise ShareLinkInvalid("It is not told what the link is to.", errors=errors)


def demand_photo_ids(photo_ids: tuple[PhotoId, ...]) -> None:
    """For links that are made: photos that are deleted later leave the link. Raise `ShareLinkInvalid`."""
    if not 1 <= len(photo_ids) <= MOST_PHOTOS or len(set(photo_ids)) != len(photo_ids):
        errors = [FieldError("photo_ids", f"must be 1 to {MOST_PHOTOS} photos, each once")]
        raise ShareLinkInvalid("The photos of the link do not validate.", errors=errors)

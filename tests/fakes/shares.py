"""The share link room's ports in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from photostore.event.ports import EventPublisher
from photostore.photo.errors import PhotoNotFound
from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoView, SubmittedPhotoView
from photostore.photo.viewing import view_of
from photostore.share_link.errors import ShareLinkInvalid, ShareLinkNotFound, ShareViewsUsedUp
from photostore.share_link.gate import Unlocked
from photostore.share_link.ports import (
    ShareCounter,
    ShareFileUrls,
    ShareLinkRepository,
    ShareTokens,
    ShareUnlocks,
    Visitor,
)
from photostore.share_link.queries import (
    ShareDay,
    SharedLink,
    ShareLinkQueries,
    ShareLinkView,
    SharePage,
    SharePosition,
    ShareQueries,
)
from photostore.share_link.share_link import ShareLink
from photostore.shared.errors import FieldError
from photostore.shared.ids import PhotoId, ShareLinkId, UserId
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.guests import placed_view
from tests.fakes.store import FakeStore


class FakeShareLinkRepository(ShareLinkRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork, events: EventPublisher) -> None:
        self._store = store
        self._unit_of_work = unit_of_work
        self._events = events

    async def add(self, link: ShareLink) -> None:
        found = [self._unit_of_work.find(self._store.photos, each) for each in link.photo_ids]
        if any(photo is None or photo.owner_id != link.owner_id for photo in found):
            errors = [FieldError("photo_ids", "must all be photos of yours")]
            raise ShareLinkInvalid("Some of the photos are not there.", errors=errors)
        album = None if link.album_id is None else self._unit_of_work.find(self._store.albums, link.album_id)
        if link.album_id is not None and (album is None or album.owner_id != link.owner_id):
            raise ShareLinkInvalid(
                "There is no such album.", errors=[FieldError("album_id", "must be an album of yours")]
            )
        self._unit_of_work.put(self._store.share_links, link.id, link)

    async def get(self, link_id: ShareLinkId, *, owner: UserId) -> ShareLink:
        await self._unit_of_work.lock((self._store.share_links, link_id))
        link = self._unit_of_work.find(self._store.share_links, link_id)
        if link is None or link.owner_id != owner:
            raise ShareLinkNotFound(f"There is no share link {link_id}.")
        return link

    async def save(self, link: ShareLink) -> None:
        recorded = link.take_events()
        await self._unit_of_work.save(self._store.share_links, link)
        await self._events.publish(recorded)

    async def remove(self, link: ShareLink) -> None:
        await self._unit_of_work.demand_unchanged(self._store.share_links, link)
        self._unit_of_work.delete(self._store.share_links, link.id)
        self._unit_of_work.delete(self._store.shared.guests.selections, link.id)
        await self._events.publish(link.take_events())

    async def renew_all(self, owner: UserId, *, now: datetime) -> None:
        live = self._unit_of_work.where(
            self._store.share_links, lambda link: link.owner_id == owner and not link.disabled
        )
        for link in live:
            link.end_urls(now=now)
            await self.save(link)

    async def end_all(self, owner: UserId, *, now: datetime) -> None:
        live = self._unit_of_work.where(
            self._store.share_links, lambda link: link.owner_id == owner and not link.disabled
        )
        for link in live:
            link.disable(now=now)
            await self.save(link)


class FakeShareLinkQueries(ShareLinkQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def list(self, owner: UserId, *, after: ShareLinkId | None, limit: int) -> Sequence[ShareLinkView]:
        self._store.answer_or_not()
        own = self._store.share_links.where(lambda link: link.owner_id == owner)
        newest_first = sorted(own, key=lambda link: link.id, reverse=True)
        return [self._view(link) for link in newest_first if after is None or link.id < after][:limit]

    async def get(self, link_id: ShareLinkId, *, owner: UserId) -> ShareLinkView:
        self._store.answer_or_not()
        return self._view(self._owned(link_id, owner))

    async def days(self, link_id: ShareLinkId, *, owner: UserId, first: date, last: date) -> Sequence[ShareDay]:
        self._store.answer_or_not()
        self._owned(link_id, owner)
        asked = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        counted = self._store.shared.days
        return [counted.get((link_id, day), ShareDay(day, 0, 0, 0, 0)) for day in asked]

    def _owned(self, link_id: ShareLinkId, owner: UserId) -> ShareLink:
        link = self._store.share_links.rows.get(link_id)
        if link is None or link.owner_id != owner:
            raise ShareLinkNotFound(f"There is no share link {link_id}.")
        return link

    def _view(self, link: ShareLink) -> ShareLinkView:
        return ShareLinkView(
            id=link.id,
            sealed_token=link.sealed_token,
            album_id=link.album_id,
            photo_ids=[each for each in link.photo_ids if each in self._store.photos.rows],
            name=link.name,
            has_password=link.has_password,
            expires_at=link.expires_at,
            allow_download=link.allow_download,
            allow_upload=link.allow_upload,
            hide_metadata=link.hide_metadata,
            max_views=link.max_views,
            max_uploads=link.max_uploads,
            max_upload_bytes=link.max_upload_bytes,
            review=link.review,
            allow_selection=link.allow_selection,
            disabled=link.disabled,
            version=link.version,
            created_at=link.created_at,
        )


class FakeShareQueries(ShareQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def find(self, token_digest: bytes) -> SharedLink | None:
        self._store.answer_or_not()
        found = self._store.share_links.where(lambda link: link.token_digest == token_digest)
        return self._shared(found[0]) if found else None

    async def count(self, link: SharedLink) -> int:
        self._store.answer_or_not()
        return len(self._shown(link))

    async def photos(self, link: SharedLink, *, after: SharePosition | None, limit: int) -> SharePage:
        self._store.answer_or_not()
        here = (after.place, after.id) if after else None
        beyond = [shown for shown in self._shown(link) if here is None or (shown[0], shown[1].id) > here]
        page = beyond[:limit]
        views = [self._view(link, photo) for _, photo in page]
        if len(beyond) <= limit:
            return SharePage(views, None)
        # A cursor, too, must not tell the id of what a guest sent.
        last = UUID(int=(1 << 128) - 1) if isinstance(views[-1], SubmittedPhotoView) else views[-1].id
        return SharePage(views, SharePosition(place=page[-1][0], id=last))

    async def photo(self, link: SharedLink, photo_id: PhotoId) -> PhotoView:
        self._store.answer_or_not()
        submissions = self._store.shared.guests.submissions
        asked = submissions.where(lambda row: row.id == photo_id and row.album_id == link.album_id)
        for _, photo in self._shown(link):
            if photo.id == (asked[0].photo_id if asked else photo_id):
                return self._view(link, photo, asked[0].id if asked else None)
        raise PhotoNotFound(f"There is no photo {photo_id}.")

    def _view(self, link: SharedLink, photo: Photo, told: UUID | None = None) -> PhotoView:
        if link.album_id is None:
            return view_of(photo)
        place = self._store.album_photos.rows[link.album_id, photo.id]
        view = placed_view(self._store, place, photo, told)
        view.created_at = place.added_at
        return view

    def _shown(self, link: SharedLink) -> list[tuple[int, Photo]]:
        if link.album_id is None:
            placed = list(enumerate(self._store.share_links.rows[link.id].photo_ids, 1))
        else:
            there = self._store.album_photos.where(lambda row: row.album_id == link.album_id)
            placed = sorted((row.position, row.photo_id) for row in there)
        found = [(place, self._store.photos.rows.get(each)) for place, each in placed]
        return [(place, photo) for place, photo in found if photo is not None and photo.trashed_at is None]

    def _shared(self, link: ShareLink) -> SharedLink:
        owner = self._store.users.rows[link.owner_id]
        uploads, upload_bytes = self._store.shared.guests.accepted.rows.get(link.id, (0, 0))
        album = None if link.album_id is None else self._store.albums.rows[link.album_id]
        beyond = link.max_views is not None and self._store.shared.views.get(link.id, 0) > link.max_views
        return SharedLink(
            id=link.id,
            owner_id=link.owner_id,
            owner_display_name=owner.display_name,
            owner_is_active=owner.is_active,
            album_id=link.album_id,
            name=link.name,
            password_hash=link.password_hash,
            expires_at=link.expires_at,
            allow_download=link.allow_download,
            allow_upload=link.allow_upload,
            hide_metadata=link.hide_metadata,
            max_views=link.max_views,
            max_uploads=link.max_uploads,
            max_upload_bytes=link.max_upload_bytes,
            review=link.review,
            allow_selection=link.allow_selection,
            disabled=link.disabled,
            generation=link.generation,
            used_up_at=link.used_up_at or (link.created_at if beyond else None),
            version=link.version,
            uploads=uploads,
            upload_bytes=upload_bytes,
            album_name=None if album is None else album.name,
            album_photo_count=None if album is None else album.photo_count,
            album_query=None if album is None else album.query,
            album_queries=album.queries if album else 0,
        )


class FakeShareCounter(ShareCounter):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def view(self, link: SharedLink, visitor: Visitor, *, now: datetime) -> None:
        self._store.answer_or_not()
        kept = self._store.share_links.rows.get(link.id)
        views = self._store.shared.views.get(link.id, 0)
        if kept is None or kept.used_up_at is not None or (kept.max_views is not None and views >= kept.max_views):
            raise ShareViewsUsedUp("The share was opened as often as it may be.")
        self._store.shared.views[link.id] = views + 1
        day = self._day(link, now)
        came = (link.id, day.day, visitor)
        day.views += 1
        day.visitors += came not in self._store.shared.visitors
        self._store.shared.visitors.add(came)

    async def download(self, link: SharedLink, *, now: datetime) -> None:
        self._day(link, now).downloads += 1

    async def upload(self, link: SharedLink, *, now: datetime) -> None:
        self._day(link, now).uploads += 1

    async def forget_visitors(self, *, now: datetime) -> None:
        kept = {came for came in self._store.shared.visitors if came[1] >= now.date()}
        self._store.shared.visitors.intersection_update(kept)

    def _day(self, link: SharedLink, now: datetime) -> ShareDay:
        return self._store.shared.days.setdefault((link.id, now.date()), ShareDay(now.date(), 0, 0, 0, 0))


class FakeShareTokens(ShareTokens):
    def seal(self, link_id: ShareLinkId, token: str) -> str:
        return f"{link_id} {token}"

    def open(self, link_id: ShareLinkId, sealed: str) -> str | None:
        name, _, token = sealed.partition(" ")
        return token if name == str(link_id) else None


@dataclass
class FakeShareUnlocks(ShareUnlocks):
    issued: dict[str, tuple[Unlocked, datetime]] = field(default_factory=dict)

    def issue(self, unlocked: Unlocked, *, now: datetime, expires_at: datetime) -> str:
        token = f"unlock-{len(self.issued) + 1}"
        self.issued[token] = (unlocked, expires_at)
        return token

    def read(self, token: str, *, now: datetime) -> Unlocked | None:
        unlocked, expires_at = self.issued.get(token, (None, now))
        return unlocked if now < expires_at else None


class FakeShareFileUrls(ShareFileUrls):
    def sign(self, unlocked: Unlocked, photo_id: PhotoId, expires_at: datetime) -> str:
        expiry = int(expires_at.timestamp())
        return f"e={expiry}&s={unlocked.link_id.hex}-{unlocked.generation}-{photo_id.hex}-{expiry}"

    def is_signed(self, unlocked: Unlocked, photo_id: PhotoId, query: str, *, now: datetime) -> bool:
        told = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
        expiry = told.get("e", "0")
        if int(expiry) <= now.timestamp():
            return False
        return told.get("s") == f"{unlocked.link_id.hex}-{unlocked.generation}-{photo_id.hex}-{expiry}"

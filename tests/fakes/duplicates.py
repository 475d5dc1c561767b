"""Duplicates by their definition: every photo beside every leader."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from photostore.photo.duplicates import (
    PHOTOS_A_PAGE,
    PHOTOS_TOLD,
    DuplicateGroup,
    DuplicateKind,
    DuplicatePage,
    DuplicateQueries,
    DuplicatesBusy,
    DuplicateView,
    distance_between,
)
from photostore.photo.errors import PhotoNotFound
from photostore.photo.picture import Fingerprint
from photostore.photo.viewing import view_of
from photostore.shared.ids import PhotoId, UserId
from tests.fakes.store import FakeStore


class FakeDuplicateQueries(DuplicateQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self.busy = False

    async def groups(self, owner: UserId, *, distance: int, after: PhotoId | None, limit: int) -> DuplicatePage:
        self._store.answer_or_not()
        if self.busy:
            raise DuplicatesBusy("Other libraries are being searched for duplicates, as told.")
        told = self._fingerprints(owner)
        grouped = [group for group in groups_by_definition(told, distance) if after is None or group[0] < after][::-1]
        page: list[DuplicateGroup] = []
        for members in grouped[:limit]:
            group = self._group(told, members)
            if page and sum(len(each.photos) for each in (*page, group)) > PHOTOS_A_PAGE:
                break
            page.append(group)
        return DuplicatePage(page, grouped[len(page) - 1][0] if len(page) < len(grouped) else None)

    async def of_photo(self, photo_id: PhotoId, *, owner: UserId, distance: int) -> Sequence[DuplicateView]:
        self._store.answer_or_not()
        photo = self._store.photos.rows.get(photo_id)
        if photo is None or photo.owner_id != owner:
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        told, here = self._fingerprints(owner), self._store.fingerprints.rows.get(photo_id)
        if here is None:
            return []
        others = {each: distance_between(here, told[each]) for each in told if each != photo_id}
        near = sorted((apart, each) for each, apart in others.items() if apart is not None and apart <= distance)
        return [self._view(here, each, told[each]) for _, each in near[:PHOTOS_TOLD]]

    def _fingerprints(self, owner: UserId) -> dict[PhotoId, Fingerprint]:
        rows = self._store.photos.rows
        own = sorted(each for each, photo in rows.items() if photo.owner_id == owner and photo.trashed_at is None)
        return {each: self._store.fingerprints.rows[each] for each in own if each in self._store.fingerprints.rows}

    def _group(self, told: Mapping[PhotoId, Fingerprint], members: Sequence[PhotoId]) -> DuplicateGroup:
        photos = [self._view(told[members[0]], each, told[each]) for each in members]
        same = all(each.same_pixels for each in photos)
        kind = DuplicateKind.SAME_PIXELS if same else DuplicateKind.NEAR
        return DuplicateGroup(kind, max(each.distance for each in photos), len(photos), photos[:PHOTOS_TOLD])

    def _view(self, first: Fingerprint, photo_id: PhotoId, told: Fingerprint) -> DuplicateView:
        distance = distance_between(first, told)
        assert distance is not None
        return DuplicateView(view_of(self._store.photos.rows[photo_id]), distance, first.pixels == told.pixels)


def groups_by_definition(told: Mapping[PhotoId, Fingerprint], distance: int) -> list[list[PhotoId]]:
    """Oldest first, and so in each group. Every photo joins the oldest leader that it is near."""
    hashes: dict[bytes, int] = {}
    groups: dict[PhotoId, list[PhotoId]] = {}
    leaders: dict[PhotoId, Fingerprint] = {}
    for photo_id in sorted(told):
        here = told[photo_id]
        # Of the same pixels the oldest hash counts.
        here = replace(here, perceptual=hashes.setdefault(here.pixels, here.perceptual))
        for leader, theirs in leaders.items():
            apart = distance_between(theirs, here)
            if apart is not None and apart <= distance:
                groups[leader].append(photo_id)
                break
        else:
            leaders[photo_id], groups[photo_id] = here, [photo_id]
    return [members for members in groups.values() if len(members) > 1]

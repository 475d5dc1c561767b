"""A user of the service: everything that they do, and what they check at once."""

import asyncio
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from io import BytesIO
from random import Random
from typing import Any

import httpx2

from bench.pictures import noise
from bench.soak.journal import Journal
from bench.soak.ledger import Collected, Kept, Ledger
from bench.soak.patient import API, PatientClient, Refused
from tests.e2e.doors import DOORS, insist
from tests.e2e.people import PASSWORD, Person
from tests.e2e.wire import a_photo_of
from tests.pictures import NOT_PICTURES, a_jpeg, a_png_header

# A library grows to so many photos; from then on as many go as come.
_LIBRARY = 120
# What is taken back is gone everywhere within 60 seconds; and a busy machine is given some more.
_TAKEN_BACK_SECONDS = 75
# With so many of one's photos still to be decoded, one sends no more: what a soak measures is not how fast the machine is.
_WAITING = 6
_REFUSALS = {400, 413, 415, 422}


@cache
def _photograph() -> bytes:
    return noise((1600, 1200))


@dataclass(slots=True)
class Owner:
    name: str
    person: Person
    journal: Journal
    random: Random
    ledger: Ledger
    made: int = 0
    waiting: int = 0
    later: list[asyncio.Task[None]] = field(default_factory=list)

    # --- coming and going

    async def upload_by_form(self) -> None:
        content, title = self._content(), self._word()
        tag = f"tag{self.random.randrange(12)}"
        answer = self._expect(await self.person.upload(content, title=title, hashtags=tag), 201)
        self._keep(answer.json()["id"], content, title=title)
        await self.count_what_waits()

    async def upload_directly(self) -> None:
        content = self._content()
        self._keep(await insist(DOORS["direct"], self.person, content), content)

    async def upload_by_tus(self) -> None:
        content = self._content()
        self._keep(await insist(DOORS["tus"], self.person, content), content)

    async def upload_in_parts(self) -> None:
        content = self._content((5 << 20) + 50_000)
        self._keep(await insist(DOORS["parts"], self.person, content), content)

    async def upload_again(self) -> None:
        """What is there already, whatever its name: nothing becomes of it."""
        content = self._content()
        first, second = await asyncio.gather(self.person.upload(content), self.person.upload(content))
        ids = {self._expect(each, 200, 201).json()["id"] for each in (first, second)}
        if len(ids) != 1:
            self.journal.breach(f"the same bytes at once became {ids}")
        self._keep(ids.pop(), content)

    async def upload_what_is_no_picture(self) -> None:
        content = NOT_PICTURES[self.random.choice(sorted(NOT_PICTURES))] + self._word().encode()
        self._expect(await self.person.upload(content), *_REFUSALS)

    async def upload_a_bomb(self) -> None:
        content = a_png_header(60_000, 60_000) + self._word().encode()
        self._expect(await self.person.upload(content), *_REFUSALS)

    async def upload_half_a_picture(self) -> None:
        """Its header is good, and it is taken; decoding it fails."""
        whole = _photograph()
        content = whole[: len(whole) // 2] + self._word().encode()
        answer = self._expect(await self.person.upload(content), 201)
        self._keep(answer.json()["id"], content, status="failed")

    async def register_and_leave(self) -> None:
        """Somebody new, with a photo; the account is closed again."""
        email = f"{self._word()}@example.org"
        url = str(self.person.http.base_url)
        async with PatientClient(url, self.journal, email) as http:
            await register(http, email)
            visitor = Person(id="", email=email, http=http)
            self._expect(await visitor.upload(self._content()), 201)
            self._expect(await http.delete(f"{API}/auth/me"), 204)

    # --- reading

    async def read_bytes(self) -> None:
        with self.ledger.some(1) as photos:
            for photo in photos:
                await self.check_bytes(photo)

    async def check_bytes(self, photo: Kept) -> None:
        answer = self._expect(await self.person.http.get(f"{API}/photos/{photo.id}/file"), 200)
        if sha256(answer.content).hexdigest() != photo.sha256:
            self.journal.breach(f"photo {photo.id} has other bytes than were uploaded")

    async def read_pages(self) -> None:
        self._expect(await self.person.http.get(f"{API}/photos", params={"limit": "50"}), 200)
        await self.count_what_waits()

    async def count_what_waits(self) -> None:
        answer = await self.person.http.get(f"{API}/photos", params={"status": "processing", "limit": "50"})
        self.waiting = len(self._expect(answer, 200).json()["items"])

    async def search(self) -> None:
        with self.ledger.some(1) as photos:
            for photo in photos:
                if photo.title is None:
                    continue
                answer = await self.person.http.get(f"{API}/photos", params={"q": photo.title})
                found = [each["id"] for each in self._expect(answer, 200).json()["items"]]
                if found != [photo.id]:
                    self.journal.breach(f"a search for {photo.title} found {found}, not {photo.id}")

    async def look_for_hashtags(self) -> None:
        self._expect(await self.person.http.get(f"{API}/hashtags/search", params={"q": "tag1"}), 200)
        self._expect(await self.person.http.get(f"{API}/photos", params={"hashtag": "tag1"}), 200)

    async def ask_for_an_image(self) -> None:
        with self.ledger.some(1) as photos:
            for photo in photos:
                if photo.status == "ready":
                    query = {"width": str(self.random.choice((160, 320, 640))), "format": "webp"}
                    # While the photo waits to be decoded there is none: how long that is, is the machine's to say.
                    answer = await self.person.http.get(f"{API}/photos/{photo.id}/image", params=query)
                    self._expect(answer, 200, 409)

    async def load_an_archive(self) -> None:
        with self.ledger.some(6) as photos:
            if not photos:
                return
            body = {"photo_ids": [photo.id for photo in photos]}
            answer = self._expect(await self.person.http.post(f"{API}/photos/archive", json=body), 200)
            with zipfile.ZipFile(BytesIO(answer.content)) as archive:
                digests = [sha256(archive.read(name)).hexdigest() for name in archive.namelist()]
            if digests != [photo.sha256 for photo in photos]:
                self.journal.breach(f"an archive holds other bytes than {body['photo_ids']}")

    # --- changing

    async def edit(self) -> None:
        """Whoever is asked next, it shows at once."""
        with self.ledger.some(1) as photos:
            for photo in photos:
                title = self._word()
                at = f"{API}/photos/{photo.id}"
                self._expect(await self.person.http.patch(at, json={"title": title, "favorite": True}), 200)
                photo.title = title
                for _ in range(2):
                    shown = self._expect(await self.person.http.get(at), 200).json()["title"]
                    if shown != title:
                        self.journal.breach(f"photo {photo.id} shows {shown} after it was called {title}")

    async def tag(self) -> None:
        with self.ledger.some(1) as photos:
            for photo in photos:
                at = f"{API}/photos/{photo.id}/hashtags/tag{self.random.randrange(12)}"
                method = self.random.choice(("PUT", "DELETE"))
                self._expect(await self.person.http.request(method, at), 204)

    async def trash(self) -> None:
        with self.ledger.some(3) as photos:
            await self._in_bulk("trash", photos, {"trashed", "unchanged"})
            for photo in photos:
                photo.state = "trashed"

    async def restore(self) -> None:
        with self.ledger.some(2, "trashed") as photos:
            await self._in_bulk("restore", photos, {"restored", "unchanged"})
            for photo in photos:
                photo.state = "kept"

    async def delete_from_the_trash(self) -> None:
        with self.ledger.some(3, "trashed") as photos:
            await self._in_bulk("delete", photos, {"deleted"})
            for photo in photos:
                photo.state = "deleted"

    async def delete(self) -> None:
        """With a look at whether its signed URL ends, too."""
        with self.ledger.some(1) as photos:
            for photo in photos:
                at = f"{API}/photos/{photo.id}"
                url = self._expect(await self.person.http.get(at), 200).json()["file_url"]
                self._expect(await self.person.http.delete(at), 204, 404)
                photo.state = "deleted"
                self._expect(await self.person.http.get(at), 404)
                self._soon(self._has_ended(url, f"the file of photo {photo.id}, which was deleted"))

    # --- albums and shares

    async def make_an_album(self) -> None:
        name = self._word()
        made = self._expect(await self.person.http.post(f"{API}/albums", json={"name": name}), 201).json()
        self.ledger.albums[made["id"]] = Collected(made["id"], name)

    async def fill_an_album(self) -> None:
        with self.ledger.album() as album, self.ledger.some(4) as photos:
            if album is None or not photos:
                return
            ids = [photo.id for photo in photos]
            at = f"{API}/albums/{album.id}/photos"
            self._expect(await self.person.http.put(at, json={"photo_ids": ids}), 200, 204)
            album.photos |= set(ids)
            if self.random.random() < 0.5:
                self._expect(await self.person.http.delete(f"{at}/{ids[0]}"), 204)
                album.photos.discard(ids[0])

    async def delete_an_album(self) -> None:
        with self.ledger.album() as album:
            if album and len(self.ledger.shown_in) > 6:
                self._expect(await self.person.http.delete(f"{API}/albums/{album.id}"), 204, 404)
                album.deleted = True

    async def share_an_album(self) -> None:
        """A guest looks at it behind its password, sends a photo, and is shown out."""
        with self.ledger.album() as album:
            if album is None:
                return
            told = {"album_id": album.id, "allow_upload": True, "allow_download": True, "password": PASSWORD}
            link = self._expect(await self.person.http.post(f"{API}/share-links", json=told), 201).json()
            async with PatientClient(str(self.person.http.base_url), self.journal) as guest:
                at = f"{API}/public/{link['token']}"
                self._expect(await guest.get(f"{at}/photos"), 401)
                unlocked = self._expect(await guest.post(f"{at}/unlock", json={"password": PASSWORD}), 200)
                guest.headers["Authorization"] = f"Bearer {unlocked.json()['access_token']}"
                shown = self._expect(await guest.get(f"{at}/photos"), 200).json()["items"]
                content = self._content()
                file = {"file": ("guest.jpg", content)}
                self._expect(await guest.post(f"{at}/photos", files=file, data={"title": "A guest's"}), 201)
                found = await self.lookup(sha256(content).hexdigest())
                self._keep(str(found["photo_id"]), content)
                album.photos.add(str(found["photo_id"]))
                disable = {"disabled": True}
                self._expect(await self.person.http.patch(f"{API}/share-links/{link['id']}", json=disable), 200)
                self._expect(await guest.get(f"{at}/photos"), 404)
            self.ledger.ended_links.append(link["token"])
            if shown and shown[0]["file_url"]:
                self._soon(self._has_ended(shown[0]["file_url"], f"the file of share link {link['id']}, disabled"))

    # --- what they are made of

    async def lookup(self, digest: str) -> Mapping[str, Any]:
        answer = await self.person.http.post(f"{API}/photos/lookup", json={"sha256": [digest]})
        found: Mapping[str, Any] = self._expect(answer, 200).json()["items"][0]
        return found

    async def _in_bulk(self, verb: str, photos: list[Kept], wanted: set[str]) -> None:
        if not photos:
            return
        body = {"photo_ids": [photo.id for photo in photos]}
        answer = self._expect(await self.person.http.post(f"{API}/photos/{verb}", json=body), 200)
        results = answer.json()["results"]
        if not {each["status"] for each in results} <= wanted:
            self.journal.breach(f"{verb} answered {results}")

    def _soon(self, check: Awaitable[None]) -> None:
        async def wait_and_look() -> None:
            await asyncio.sleep(_TAKEN_BACK_SECONDS)
            await check

        self.later = [task for task in self.later if not task.done()]
        self.later.append(asyncio.create_task(wait_and_look()))

    async def _has_ended(self, url: str, what: str) -> None:
        async with PatientClient("", self.journal) as http:
            status = (await http.get(url)).status_code
        self.journal.done["URLs that were taken back looked at"] += 1
        if status == 200:
            self.journal.breach(f"{what} is still served after {_TAKEN_BACK_SECONDS} s")

    def _content(self, byte_size: int = 0) -> bytes:
        self.made += 1
        seed = self.random.getrandbits(60)
        if byte_size or self.random.random() < 0.6:
            return a_photo_of(byte_size or self.random.randrange(5_000, 60_000), seed=seed)
        picture = self.random.choice((_photograph(), a_jpeg(800, 600)))
        return picture + seed.to_bytes(8, "big")

    def _word(self) -> str:
        return f"w{self.random.getrandbits(64):016x}"

    def _keep(self, photo_id: str, content: bytes, *, status: str = "ready", title: str | None = None) -> None:
        digest = sha256(content).hexdigest()
        self.ledger.keep(Kept(photo_id, digest, len(content), status, title=title))

    def _expect(self, answer: httpx2.Response, *statuses: int) -> httpx2.Response:
        if answer.status_code not in statuses:
            request = answer.request
            told = f"{answer.status_code} {answer.text[:400]}"
            raise Refused(f"{request.method} {request.url.path}: {told} instead of {statuses}")
        return answer


Action = Callable[[Owner], Awaitable[None]]
# How often each is done, in proportion.
ACTIONS: dict[Action, int] = {
    Owner.upload_by_form: 14,
    Owner.upload_directly: 6,
    Owner.upload_by_tus: 6,
    Owner.upload_in_parts: 1,
    Owner.upload_again: 2,
    Owner.upload_what_is_no_picture: 2,
    Owner.upload_a_bomb: 1,
    Owner.upload_half_a_picture: 2,
    Owner.register_and_leave: 1,
    Owner.read_bytes: 12,
    Owner.read_pages: 12,
    Owner.search: 8,
    Owner.look_for_hashtags: 4,
    Owner.ask_for_an_image: 5,
    Owner.load_an_archive: 3,
    Owner.edit: 12,
    Owner.tag: 5,
    Owner.trash: 5,
    Owner.restore: 3,
    Owner.delete_from_the_trash: 3,
    Owner.delete: 4,
    Owner.make_an_album: 2,
    Owner.fill_an_album: 5,
    Owner.delete_an_album: 1,
    Owner.share_an_album: 3,
}
_COMING = {
    Owner.upload_by_form,
    Owner.upload_directly,
    Owner.upload_by_tus,
    Owner.upload_in_parts,
    Owner.upload_again,
    Owner.upload_half_a_picture,
    Owner.share_an_album,
}
_GOING = (Owner.trash, Owner.delete_from_the_trash, Owner.delete)


def next_action(owner: Owner) -> Action:
    if len(owner.ledger.of("kept")) > _LIBRARY and owner.random.random() < 0.5:
        return owner.random.choice(_GOING)
    action = owner.random.choices(list(ACTIONS), list(ACTIONS.values()))[0]
    return Owner.read_pages if owner.waiting > _WAITING and action in _COMING else action


async def register(http: PatientClient, email: str) -> None:
    """A registration whose answer was lost is told that the address is taken."""
    answer = await http.post(f"{API}/auth/register", json={"email": email, "password": PASSWORD})
    if answer.status_code not in (201, 409):
        raise Refused(f"registering: {answer.status_code} {answer.text}")
    await http.sign_in()


async def a_person(url: str, journal: Journal, name: str) -> Person:
    email = f"{name}@example.org"
    http = PatientClient(url, journal, email)
    await register(http, email)
    me = await http.get(f"{API}/auth/me")
    return Person(id=me.json()["id"], email=email, http=http)

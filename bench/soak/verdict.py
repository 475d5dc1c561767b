"""At the end: is everything as it was acknowledged?"""

import asyncio
from contextlib import suppress
from typing import Any

from bench.soak.journal import Journal
from bench.soak.load import Followed, Load
from bench.soak.patient import API, PatientClient
from bench.soak.place import GRACE_SECONDS, Place
from tests.e2e.feeds import listed, replay
from tests.e2e.programs import run
from tests.waiting import eventually

_SETTLED_WITHIN = 420
_AT_ONCE = 8


class Verdict:
    def __init__(self, place: Place, load: Load, journal: Journal) -> None:
        self._place = place
        self._load = load
        self._journal = journal

    async def find(self) -> None:
        """With nothing broken any more."""
        await self._settle()
        for each in self._load.followed:
            await self._compare(each)
        self._journal.check("those who listen were never cut off for good", *self._load.said())
        await self._ended_links()
        await self._operate()

    async def _settle(self) -> None:
        """What waits for its next attempt is tried now; what clients began and forgot ends now."""
        await self._rows("UPDATE uploads SET expires_at = now() - interval '1 hour' WHERE state = 'pending'")
        await self._rows("UPDATE uploads SET completing_until = NULL, held_until = NULL WHERE photo_id IS NULL")
        swept = await self._command("uploads", "sweep")
        self._journal.check("uploads sweep", *([swept[1]] if swept[0] else []))
        try:
            await eventually(self._is_idle, within=_SETTLED_WITHIN, what="the queue to be empty")
        except AssertionError:
            left = await self._rows("SELECT entrypoint, status, count(*) FROM pgqueuer GROUP BY 1, 2")
            failed = (await self._command("jobs", "list", "--json"))[1]
            self._journal.check("no job is stuck", *map(tuple, left), failed)
        else:
            self._journal.check("no job is stuck")

    async def _is_idle(self) -> bool:
        code, said = await self._command("jobs", "retry", "--all")
        assert code in (0, 1), said
        waiting = await self._rows("SELECT count(*) FROM pgqueuer WHERE status <> 'queued' OR execute_after <= now()")
        processing = await self._rows("SELECT count(*) FROM photos WHERE status = 'processing'")
        if waiting[0][0] or processing[0][0]:
            await asyncio.sleep(2)
            return False
        return True

    async def _compare(self, each: Followed) -> None:
        owner, person, ledger = each.owner, each.owner.person, each.owner.ledger
        check, name = self._journal.check, each.owner.name
        kept = {photo.id: photo for photo in ledger.of("kept")}
        trashed = {photo.id: photo for photo in ledger.of("trashed")}
        shown = {photo["id"]: photo async for photo in listed(person, "photos")}
        in_trash = {photo["id"]: photo async for photo in listed(person, "photos", trashed="true")}
        check(f"{name}: none of {len(kept)} photos is lost", *(kept.keys() - shown.keys()))
        check(f"{name}: none is there that should not be", *(shown.keys() - kept.keys()))
        check(f"{name}: the trash holds its {len(trashed)}", *(trashed.keys() ^ in_trash.keys()))
        there = {**shown, **in_trash}
        owed = {key: photo for key, photo in {**kept, **trashed}.items() if key in there}
        digests = [photo["sha256"] for photo in there.values()]
        check(f"{name}: none is there twice", *(each for each in set(digests) if digests.count(each) > 1))
        check(f"{name}: digests", *(key for key, photo in owed.items() if there[key]["sha256"] != photo.sha256))
        wrong = [(key, there[key]["status"]) for key, photo in owed.items() if there[key]["status"] != photo.status]
        check(f"{name}: what could be decoded was", *wrong)
        titled = {key: photo.title for key, photo in owed.items() if photo.title}
        check(f"{name}: titles", *(key for key, title in titled.items() if there[key]["title"] != title))
        turns = asyncio.Semaphore(_AT_ONCE)

        async def look(key: str) -> None:
            async with turns:
                await owner.check_bytes(owed[key])

        before = len(self._journal.breaches)
        await asyncio.gather(*map(look, owed))
        check(f"{name}: the bytes of {len(owed)} photos", *self._journal.breaches[before:])
        await self._deleted(each)
        await self._albums(each)
        storage = (await person.http.get(f"{API}/storage")).json()
        size = sum(photo.byte_size for photo in (*kept.values(), *trashed.values()))
        wrong_size = storage["used_bytes"] != size or storage["reserved_bytes"] != 0
        check(f"{name}: the quota charges {size} bytes", *([storage] if wrong_size else []))
        await self._feeds(each, {key: photo.sha256 for key, photo in {**kept, **trashed}.items()})

    async def _deleted(self, each: Followed) -> None:
        gone = each.owner.ledger.of("deleted")
        back = []
        for photo in gone:
            found = await each.owner.lookup(photo.sha256)
            if found["photo_id"] is not None or found["deleted_at"] is None:
                back.append((photo.id, found))
        self._journal.check(f"{each.owner.name}: {len(gone)} deleted photos stay deleted", *back)

    async def _albums(self, each: Followed) -> None:
        wanted = each.owner.ledger.shown_in
        found = {
            album["id"]: {photo["id"] async for photo in listed(each.owner.person, f"albums/{album['id']}/photos")}
            async for album in listed(each.owner.person, "albums")
        }
        wrong = [key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)]
        self._journal.check(f"{each.owner.name}: {len(wanted)} albums hold what was put into them", *wrong)

    async def _feeds(self, each: Followed, library: dict[str, str]) -> None:
        check, name = self._journal.check, each.owner.name
        seqs, replayed = await replay(each.owner.person)
        check(f"{name}: the feed has no gap", *(set(seqs) ^ set(range(1, len(seqs) + 1))))
        check(f"{name}: replayed, it is the library", *(library.items() ^ replayed.items()))
        await self._until(lambda: each.follower.told[-1:] and each.follower.told[-1]["seq"] >= seqs[-1])
        check(f"{name}: the stream told {len(seqs)} changes once, in order", *_difference(each.follower.seqs, seqs))
        await self._until(lambda: each.polled[-1:] and each.polled[-1] >= seqs[-1])
        check(f"{name}: so did the feed to who waits for it", *_difference(each.polled, seqs))

        async def all_told() -> bool:
            if self._load.sink.told[each.hook][-1:] == seqs[-1:]:
                return True
            await each.owner.person.http.post(f"{API}/webhooks/{each.webhook_id}/ping", json={})
            await asyncio.sleep(2)
            return False

        await self._until(all_told)
        told = list(dict.fromkeys(self._load.sink.told[each.hook]))
        check(f"{name}: and the webhook, each at least once", *_difference(told, seqs))

    async def _until(self, predicate: Any, *, within: float = 120) -> None:
        """What is missing after that is told by the comparison."""
        with suppress(AssertionError):
            await eventually(predicate, within=within)

    async def _ended_links(self) -> None:
        tokens = [token for each in self._load.followed for token in each.owner.ledger.ended_links]
        async with PatientClient(self._place.url, self._journal) as anyone:
            open_still = [token for token in tokens if (await anyone.get(f"{API}/public/{token}")).status_code != 404]
        self._journal.check(f"{len(tokens)} share links that were ended stay so", *open_still)

    async def _operate(self) -> None:
        code, said = await self._command("quota", "reconcile")
        self._journal.check("quota reconcile finds no drift", *([said] if code else []))

        async def is_swept() -> bool:
            code, said = await self._command("fsck", "--json", "--restart")
            return code == 0 or "unreferenced" not in said

        await self._until(is_swept, within=GRACE_SECONDS + 120)
        code, said = await self._command("fsck", "--checksums", "--json", "--restart")
        self._journal.check("fsck finds nothing wrong", *([said] if code else []))

    async def _command(self, *arguments: str) -> tuple[int, str]:
        done = await asyncio.to_thread(run, self._place.folder, *arguments, **self._command_environment())
        return done.returncode, done.stdout + done.stderr

    def _command_environment(self) -> dict[str, str]:
        return {**self._place.environment, "DATA_DIR": str(self._place.folder / "commands")}

    async def _rows(self, statement: str) -> list[Any]:
        return await self._place.behind.rows(statement)


def _difference(told: list[int], wanted: list[int]) -> list[str]:
    if told == wanted:
        return []
    missing, more = sorted(set(wanted) - set(told)), sorted(set(told) - set(wanted))
    return [f"missing {missing[:5]}, not in the feed {more[:5]}, in order {told == sorted(set(told))}"]

"""What administrators may rely on when they look at accounts and change them."""

import asyncio
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.album.ports import AlbumRepository
from photostore.audit.entry import Origin
from photostore.audit.queries import AuditFilter, AuditQueries
from photostore.quota.ports import Quotas
from photostore.quota.queries import QuotaQueries
from photostore.share_link.errors import ShareNotFound
from photostore.share_link.ports import ShareAllowance, ShareLinkRepository
from photostore.shared.ids import UserId
from photostore.shared.media import MediaRevocations, MediaUrlInvalid, audience_of, member_part
from photostore.upload.ports import SweepLedger
from photostore.upload.sweeping import Swept
from photostore.user.accounts import AccountEdit, AccountFilter, AccountQueries
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.edit_account import EditAccount
from photostore.user.errors import LastAdministrator, UserNotFound
from photostore.user.ports import UserRepository
from photostore.user.user import User
from tests.albums import a_person, an_album
from tests.builders import a_photo, a_session, a_share_link, a_user, a_user_id, an_upload
from tests.containers import QUOTA_BYTES
from tests.fakes.system import NOW, new_id
from tests.using import get, stored, transaction, use
from tests.waiting import eventually

OPERATOR = Origin(name="root")


async def listed(
    adapters: AsyncContainer, *, limit: int = 10, after: UserId | None = None, **asked: object
) -> list[str]:
    queries = await get(adapters, AccountQueries)
    wanted = AccountFilter(**asked)  # type: ignore[arg-type]
    return [view.display_name or "" for view in await queries.list(wanted, after=after, limit=limit)]


async def edit(adapters: AsyncContainer, user: User, *, by: Origin = OPERATOR, **changes: object) -> None:
    await use(adapters, EditAccount)(by=by, user_id=user.id, edit=AccountEdit(**changes))  # type: ignore[arg-type]


async def test_an_account_is_told_with_what_it_keeps(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(email="ada@example.test", display_name="Ada"))
    await stored(adapters, a_photo(owner_id=user.id, byte_size=10, trashed_at=NOW))
    await stored(adapters, a_session(user_id=user.id, created_at=NOW - timedelta(hours=2)))
    await stored(adapters, a_session(user_id=user.id, created_at=NOW - timedelta(hours=1), revoked_at=NOW))

    view = await (await get(adapters, AccountQueries)).get(user.id)

    assert (view.id, view.email, view.display_name, view.is_local) == (user.id, "ada@example.test", "Ada", True)
    assert (view.is_admin, view.disabled_at, view.created_at, view.version) == (False, None, NOW, 1)
    assert (view.sessions, view.last_seen_at) == (1, NOW - timedelta(hours=1))
    assert (view.quota_bytes, view.quota_in_force) == (None, QUOTA_BYTES)
    assert (view.used_bytes, view.originals_bytes, view.trash_bytes, view.photo_count) == (10, 0, 10, 0)


async def test_accounts_are_found_by_all_that_is_asked(adapters: AsyncContainer) -> None:
    await stored(adapters, a_user(display_name="Ada", email="Countess@example.test"))
    await stored(adapters, a_user(display_name="adam", is_admin=True))
    await stored(adapters, a_user(display_name="Ünal", disabled_at=NOW, identity=("https://id.test", "1")))

    assert await listed(adapters) == ["Ünal", "adam", "Ada"]
    assert await listed(adapters, text="ADA") == ["adam", "Ada"]
    assert await listed(adapters, text="countess@") == ["Ada"]
    assert await listed(adapters, text="%") == []
    assert await listed(adapters, disabled=True) == ["Ünal"]
    assert await listed(adapters, disabled=False, is_admin=False) == ["Ada"]
    assert await listed(adapters, text="ada", is_admin=True) == ["adam"]


async def test_accounts_come_page_by_page(adapters: AsyncContainer) -> None:
    users = [await stored(adapters, a_user(display_name=str(number))) for number in range(3)]

    assert await listed(adapters, limit=2) == ["2", "1"]
    assert await listed(adapters, limit=2, after=users[1].id) == ["0"]


async def test_who_said_goodbye_is_no_account(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user())
    await use(adapters, CloseAccount)(actor=user.id)

    assert await listed(adapters) == []
    with pytest.raises(UserNotFound):
        await (await get(adapters, AccountQueries)).get(user.id)
    with pytest.raises(UserNotFound):
        await edit(adapters, user, is_admin=True)


async def test_a_quota_of_ones_own_holds_until_it_is_taken_back(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user())
    queries = await get(adapters, AccountQueries)

    await edit(adapters, user, quota_bytes=5)
    given = await queries.get(user.id)
    await edit(adapters, user, quota_bytes=None)
    taken = await queries.get(user.id)

    assert (given.quota_bytes, given.quota_in_force, given.version) == (5, 5, 2)
    assert (taken.quota_bytes, taken.quota_in_force, taken.version) == (None, QUOTA_BYTES, 3)


async def test_nobody_has_no_quota(adapters: AsyncContainer) -> None:
    with pytest.raises(UserNotFound):
        async with transaction(adapters, Quotas) as quotas:
            await quotas.allow(a_user_id(), 5)


async def test_only_administrators_who_can_sign_in_count(adapters: AsyncContainer) -> None:
    await stored(adapters, a_user(is_admin=True))
    await stored(adapters, a_user(is_admin=True, disabled_at=NOW))
    await stored(adapters, a_user())

    async with transaction(adapters, UserRepository) as users:
        assert await users.lock_administrators() == 1


async def test_of_two_who_take_each_others_right_one_remains(adapters: AsyncContainer) -> None:
    ada, grace = await stored(adapters, a_user(is_admin=True)), await stored(adapters, a_user(is_admin=True))

    done = await asyncio.gather(
        edit(adapters, grace, by=Origin(user_id=ada.id), is_admin=False),
        edit(adapters, ada, by=Origin(user_id=grace.id), disabled=True),
        return_exceptions=True,
    )

    assert sum(isinstance(each, Exception) for each in done) == 1
    async with transaction(adapters, UserRepository) as users:
        assert await users.lock_administrators() == 1


async def test_the_last_administrator_stays_one(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(is_admin=True))

    for taken in (AccountEdit(is_admin=False), AccountEdit(disabled=True)):
        with pytest.raises(LastAdministrator):
            await use(adapters, EditAccount)(by=OPERATOR, user_id=user.id, edit=taken)

    assert await (await get(adapters, AuditQueries)).list(AuditFilter(), after=None, limit=1) == []


async def test_what_was_signed_for_a_disabled_user_ends_and_is_good_again(adapters: AsyncContainer) -> None:
    """Also what was signed for them as a member of others' albums."""
    user = await stored(adapters, a_user())
    await an_album(adapters, await a_person(adapters), viewer=user.id)
    async with transaction(adapters, AlbumRepository) as albums:
        ((album_id, number),) = await albums.memberships(user.id)
    subjects = [audience_of(user.id), member_part(album_id, user.id, number)]

    async def are_revoked() -> list[bool]:
        return [await is_revoked(adapters, subject) for subject in subjects]

    async def are_good() -> bool:
        return not any(await are_revoked())

    async def have_ended() -> bool:
        return all(await are_revoked())

    await edit(adapters, user, disabled=True)
    await eventually(have_ended)
    await edit(adapters, user, disabled=False)
    await eventually(are_good)


async def is_revoked(adapters: AsyncContainer, subject: str) -> bool:
    try:
        await (await get(adapters, MediaRevocations)).demand_valid(subject)
    except MediaUrlInvalid:
        return True
    return False


async def test_links_are_renewed_and_stay_as_they_are(adapters: AsyncContainer) -> None:
    link = await stored(adapters, a_share_link(name="Holiday"))

    async with transaction(adapters, ShareLinkRepository) as links:
        await links.renew_all(link.owner_id, now=NOW)

    async with transaction(adapters, ShareLinkRepository) as links:
        found = await links.get(link.id, owner=link.owner_id)
    assert (found.generation, found.disabled, found.name) == (2, False, "Holiday")


async def test_nothing_comes_through_the_links_of_a_disabled_user(adapters: AsyncContainer) -> None:
    """Also not what was begun before."""
    owner = await a_person(adapters)
    album_id = await an_album(adapters, owner)
    link = await stored(adapters, a_share_link(owner_id=owner, album_id=album_id, allow_upload=True))
    await use(adapters, EditAccount)(by=OPERATOR, user_id=owner, edit=AccountEdit(disabled=True))

    async with transaction(adapters, ShareAllowance) as allowance:
        with pytest.raises(ShareNotFound):
            await allowance.take(link.id, owner=owner, byte_size=1, now=NOW)


async def test_totals_are_of_all_owners(adapters: AsyncContainer) -> None:
    first = await stored(adapters, a_photo(byte_size=10))
    await stored(adapters, a_photo(byte_size=20, trashed_at=NOW))
    await stored(adapters, an_upload(owner_id=first.owner_id, reserved_bytes=5))

    totals = await (await get(adapters, QuotaQueries)).totals()

    assert (totals.users, totals.photo_count, totals.uploads_open) == (2, 1, 1)
    assert (totals.used_bytes, totals.originals_bytes, totals.trash_bytes, totals.reserved_bytes) == (30, 10, 20, 5)
    assert totals.last_sweep is None


async def test_tokens_of_sweeps_are_known_for_good(adapters: AsyncContainer) -> None:
    mine, another = [new_id() for _ in range(3)], new_id()
    for token in mine:
        async with transaction(adapters, SweepLedger) as ledger:
            await ledger.issue(token)

    async with transaction(adapters, SweepLedger) as ledger:
        assert await ledger.known([another, *mine]) == set(mine)
        assert await ledger.known([another]) == await ledger.known([]) == set()


async def test_the_last_sweep_is_told(adapters: AsyncContainer) -> None:
    for blobs, refusal in ((1, "a reason"), (2, None)):
        async with transaction(adapters, SweepLedger) as ledger:
            await ledger.note(Swept(blobs=blobs, multiparts=0), at=NOW, refusal=refusal)

    swept = (await (await get(adapters, QuotaQueries)).totals()).last_sweep

    assert swept is not None
    assert (swept.at, swept.blobs, swept.multiparts, swept.refusal) == (NOW, 2, 0, None)

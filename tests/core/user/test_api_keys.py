"""API keys: what they hold, until when, and whose they are."""

from datetime import datetime, timedelta

import pytest
from dishka import AsyncContainer

from photostore.shared.ids import UserId
from photostore.user.commands.authenticate import Authenticate
from photostore.user.commands.create_api_key import CreateApiKey
from photostore.user.commands.delete_api_key import DeleteApiKey
from photostore.user.errors import ApiKeyInvalid, ApiKeyNotFound, InvalidToken
from photostore.user.scopes import Scope
from photostore.user.session import ApiKey
from tests.builders import a_user, a_user_id
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use


async def a_key(
    container: AsyncContainer,
    user_id: UserId,
    *,
    name: str = "backup",
    scopes: tuple[str, ...] = ("photos:read",),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    return await use(container, CreateApiKey)(actor=user_id, name=name, scope_names=scopes, expires_at=expires_at)


async def test_a_key_holds_what_it_was_given_and_no_more(container: AsyncContainer) -> None:
    user = await stored(container, a_user(is_admin=True))

    key, token = await a_key(container, user.id, scopes=("photos:read", "albums:read"))

    actor = await use(container, Authenticate)(bearer=token)
    assert token.startswith("psk_")
    assert (actor.user_id, actor.api_key_id, actor.session_id) == (user.id, key.id, None)
    assert actor.scopes == {Scope.PHOTOS_READ, Scope.ALBUMS_READ}


async def test_the_token_itself_is_not_kept(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user())

    _, token = await a_key(container, user.id)

    assert token not in repr(store.api_keys.rows)


@pytest.mark.parametrize(
    ("name", "scopes", "expires_at", "field"),
    [
        ("", ("photos:read",), None, "name"),
        ("   ", ("photos:read",), None, "name"),
        ("x" * 201, ("photos:read",), None, "name"),
        ("backup", (), None, "scopes"),
        ("backup", ("everything",), None, "scopes"),
        ("backup", ("photos:read",), NOW, "expires_at"),
    ],
)
async def test_a_key_that_does_not_validate_is_not_made(
    container: AsyncContainer,
    store: FakeStore,
    name: str,
    scopes: tuple[str, ...],
    expires_at: datetime | None,
    field: str,
) -> None:
    user = await stored(container, a_user())

    with pytest.raises(ApiKeyInvalid) as refused:
        await a_key(container, user.id, name=name, scopes=scopes, expires_at=expires_at)

    assert [error.field for error in refused.value.errors] == [field]
    assert not store.api_keys.rows


async def test_a_key_dies_when_it_expires(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user())
    _, token = await a_key(container, user.id, expires_at=NOW + timedelta(days=1))
    assert (await use(container, Authenticate)(bearer=token)).user_id == user.id

    store.clock.advance(days=1)

    with pytest.raises(InvalidToken):
        await use(container, Authenticate)(bearer=token)


async def test_a_deleted_key_is_refused(container: AsyncContainer) -> None:
    user = await stored(container, a_user())
    key, token = await a_key(container, user.id)

    await use(container, DeleteApiKey)(actor=user.id, key_id=key.id)

    with pytest.raises(InvalidToken):
        await use(container, Authenticate)(bearer=token)


async def test_someone_elses_key_is_not_found(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user())
    key, _ = await a_key(container, user.id)

    with pytest.raises(ApiKeyNotFound):
        await use(container, DeleteApiKey)(actor=a_user_id(), key_id=key.id)

    assert key.id in store.api_keys.rows


async def test_a_disabled_users_key_is_refused(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user())
    _, token = await a_key(container, user.id)

    store.users.rows[user.id].disabled_at = NOW

    with pytest.raises(InvalidToken):
        await use(container, Authenticate)(bearer=token)


@pytest.mark.parametrize("name", ["", " ", "\u3000", "\u200b", "a\u202eb", "a\x00b", "x" * 201])
async def test_a_key_has_a_name_that_can_be_seen(container: AsyncContainer, name: str) -> None:
    with pytest.raises(ApiKeyInvalid) as refused:
        await a_key(container, a_user_id(), name=name)

    assert [error.field for error in refused.value.errors] == ["name"]

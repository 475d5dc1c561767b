"""Signing in with the identity provider."""

import pytest
from dishka import AsyncContainer

from photostore.user.attempts import ReturnTargets
from photostore.user.commands.authenticate import Authenticate
from photostore.user.commands.authenticate_provider_token import AuthenticateProviderToken
from photostore.user.commands.begin_provider_sign_in import BeginProviderSignIn
from photostore.user.commands.finish_provider_sign_in import FinishProviderSignIn
from photostore.user.commands.open_session import SignedIn
from photostore.user.errors import InvalidCredentials, InvalidToken
from photostore.user.identity_provider import (
    IdentityProviderUnavailable,
    ProviderIdentity,
    ProviderTokenInvalid,
    SignInRefused,
)
from photostore.user.user import User
from tests.builders import CLIENT, a_user
from tests.fakes.identity_provider import ISSUER, an_identity
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use


async def sign_in(container: AsyncContainer, store: FakeStore, identity: ProviderIdentity) -> SignedIn:
    url, attempt = await use(container, BeginProviderSignIn)(redirect_uri="https://photos.test/callback")
    answer = store.identity_provider.sign_in(url, identity)
    return await use(container, FinishProviderSignIn)(attempt=attempt, answer=answer, client=CLIENT)


async def signed_in_user(container: AsyncContainer, store: FakeStore, identity: ProviderIdentity) -> User:
    signed_in = await sign_in(container, store, identity)
    actor = await use(container, Authenticate)(bearer=signed_in.access_token)
    return store.users.rows[actor.user_id]


async def test_the_first_sign_in_makes_the_user(container: AsyncContainer, store: FakeStore) -> None:
    user = await signed_in_user(container, store, an_identity(subject="alice", email="alice@example.test"))

    assert (user.issuer, user.subject) == (ISSUER, "alice")
    assert (user.email, user.display_name, user.is_admin) == ("alice@example.test", "Alice", False)


async def test_later_ones_find_and_update_it(container: AsyncContainer, store: FakeStore) -> None:
    first = await signed_in_user(container, store, an_identity(email="old@example.test"))

    second = await signed_in_user(container, store, an_identity(email="new@example.test"))

    assert second.id == first.id
    assert second.email == "new@example.test"


async def test_nothing_new_changes_no_version(container: AsyncContainer, store: FakeStore) -> None:
    await signed_in_user(container, store, an_identity())

    again = await signed_in_user(container, store, an_identity())

    assert again.version == 1


async def test_a_local_account_is_not_taken_over_by_its_address(container: AsyncContainer, store: FakeStore) -> None:
    local = await stored(container, a_user(email="alice@example.test"))

    user = await signed_in_user(container, store, an_identity(email="alice@example.test"))

    assert user.id != local.id


async def test_one_address_of_two_subjects_makes_two_users(container: AsyncContainer, store: FakeStore) -> None:
    one = await signed_in_user(container, store, an_identity(subject="one", email="same@example.test"))

    two = await signed_in_user(container, store, an_identity(subject="two", email="same@example.test"))

    assert one.id != two.id


@pytest.mark.parametrize(("said", "then"), [(True, True), (False, False), (None, True)])
async def test_the_claim_of_administrators_is_followed_where_there_is_one(
    container: AsyncContainer, store: FakeStore, said: bool | None, then: bool
) -> None:
    await signed_in_user(container, store, an_identity(is_admin=True))

    user = await signed_in_user(container, store, an_identity(is_admin=said))

    assert user.is_admin is then


async def test_a_disabled_user_gets_no_session(container: AsyncContainer, store: FakeStore) -> None:
    await stored(container, a_user(identity=(ISSUER, "alice"), disabled_at=NOW))

    with pytest.raises(InvalidCredentials):
        await sign_in(container, store, an_identity(subject="alice"))

    assert not store.sessions.rows


async def test_a_refused_sign_in_makes_nobody(container: AsyncContainer, store: FakeStore) -> None:
    url, attempt = await use(container, BeginProviderSignIn)(redirect_uri="https://photos.test/callback")

    with pytest.raises(SignInRefused):
        await use(container, FinishProviderSignIn)(
            attempt=attempt, answer=store.identity_provider.deny(url), client=CLIENT
        )

    assert not store.users.rows


async def test_a_provider_that_is_down_is_told(container: AsyncContainer, store: FakeStore) -> None:
    store.identity_provider.unavailable = True

    with pytest.raises(IdentityProviderUnavailable):
        await use(container, BeginProviderSignIn)(redirect_uri="https://photos.test/callback")


async def test_a_providers_own_token_makes_and_finds_its_user(container: AsyncContainer, store: FakeStore) -> None:
    token = store.identity_provider.access_token(an_identity(subject="robot"))

    first = await use(container, AuthenticateProviderToken)(bearer=token)
    second = await use(container, AuthenticateProviderToken)(bearer=token)

    assert first.user_id == second.user_id
    assert store.users.rows[first.user_id].subject == "robot"
    assert first.session_id is None


async def test_a_disabled_users_provider_token_is_refused(container: AsyncContainer, store: FakeStore) -> None:
    await stored(container, a_user(identity=(ISSUER, "alice"), disabled_at=NOW))
    token = store.identity_provider.access_token(an_identity(subject="alice"))

    with pytest.raises(InvalidToken):
        await use(container, AuthenticateProviderToken)(bearer=token)


async def test_a_token_that_the_provider_does_not_know_is_refused(container: AsyncContainer) -> None:
    with pytest.raises(ProviderTokenInvalid):
        await use(container, AuthenticateProviderToken)(bearer="nobody's")


TARGETS = ReturnTargets(allowed=("https://app.example.test", "https://other.test/app/", "myapp://signed-in"))


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/gallery?page=2#top",
        "https://app.example.test",
        "https://app.example.test/deep?x=1",
        "https://other.test/app",
        "https://other.test/app/deep",
        "myapp://signed-in",
    ],
)
def test_a_browser_is_sent_to_allowed_targets(target: str) -> None:
    assert TARGETS.checked(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "/\\evil.test",
        "https://evil.test",
        "https://app.example.test.evil.test",
        "https://app.example.test@evil.test",
        "https://app.example.test:444",
        "http://app.example.test/",
        "https://other.test/application",
        "javascript:alert(1)",
        "/\tpath",
        "https://app.example.test/ path",
        "relative",
        "https://\u0430pp.example.test",
    ],
)
def test_a_browser_is_sent_nowhere_else(target: str) -> None:
    with pytest.raises(SignInRefused):
        TARGETS.checked(target)


@pytest.mark.parametrize("none", [None, ""])
def test_no_target_is_none(none: str | None) -> None:
    assert TARGETS.checked(none) is None

"""What a user is and does."""

import pytest

from photostore.user.errors import UserInvalid
from photostore.user.events import AccountErased, UserRegistered
from photostore.user.passwords import checked_password
from photostore.user.user import User
from tests.builders import a_user, a_user_id
from tests.fakes.system import NOW


@pytest.mark.parametrize("password", ["12345678", "        ", "пароль-2026", "x" * 1024])
def test_a_password_is_taken_by_its_length_alone(password: str) -> None:
    assert checked_password(password) == password


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
def test_a_short_or_endless_password_is_refused(password: str) -> None:
    with pytest.raises(UserInvalid) as refused:
        checked_password(password)

    assert [error.field for error in refused.value.errors] == ["password"]


@pytest.mark.parametrize(
    "name", ["", "x" * 201, " ", "\u3000", "a\nb", "\u200b", "a\u202eb", "a\u00adb", "\ud800", "\ue000", "\U000e0fff"]
)
def test_a_display_name_has_1_to_200_characters_that_can_be_seen(name: str) -> None:
    user = a_user(display_name="Alice")

    with pytest.raises(UserInvalid) as refused:
        user.rename(name)

    assert [error.field for error in refused.value.errors] == ["display_name"]


def test_a_display_name_can_be_taken_away() -> None:
    user = a_user(display_name="Alice")

    user.rename(None)

    assert user.display_name is None


def test_an_issuer_without_a_subject_is_no_identity() -> None:
    with pytest.raises(UserInvalid):
        User(id=a_user_id(), email=None, display_name=None, is_admin=False, created_at=NOW, issuer="https://id.test")


def test_a_user_from_a_provider_has_no_password() -> None:
    user = User.register_from_provider(id=a_user_id(), issuer="https://id.test", subject="alice", now=NOW)

    assert user.password_hash is None
    assert user.take_events() == [UserRegistered(at=NOW, user_id=user.id)]


def test_what_the_provider_does_not_say_stays() -> None:
    user = a_user(identity=("https://id.test", "alice"), email="alice@example.test", is_admin=True)

    changed = user.take_from_provider(email=None, display_name=None, is_admin=None)

    assert not changed
    assert (user.email, user.is_admin) == ("alice@example.test", True)


def test_the_name_that_the_user_chose_outlives_the_providers() -> None:
    user = a_user(identity=("https://id.test", "alice"), display_name="Ali")

    user.take_from_provider(email=None, display_name="Alice A.", is_admin=None)

    assert user.display_name == "Ali"


def test_an_endless_name_of_the_providers_is_cut() -> None:
    user = a_user(identity=("https://id.test", "alice"))

    user.take_from_provider(email=None, display_name="x" * 1000, is_admin=None)

    assert user.display_name == "x" * 200


def test_the_providers_word_on_administrators_counts_both_ways() -> None:
    user = a_user(identity=("https://id.test", "alice"), is_admin=True)

    user.take_from_provider(email=None, display_name=None, is_admin=False)

    assert not user.is_admin


def test_an_erased_user_keeps_nothing_personal() -> None:
    user = a_user(email="alice@example.test", display_name="Alice", is_admin=True)

    user.erase(now=NOW)

    assert not user.is_active
    assert {user.email, user.display_name, user.password_hash, user.issuer, user.subject} == {None}
    assert not user.is_admin
    assert user.take_events() == [AccountErased(at=NOW, user_id=user.id)]


def test_erasing_twice_is_erasing_once() -> None:
    user = a_user()
    user.erase(now=NOW)
    user.take_events()

    user.erase(now=NOW)

    assert user.events == []


def test_users_are_equal_by_their_id() -> None:
    user = a_user()

    assert user == a_user(id=user.id)
    assert len({user, a_user(id=user.id), a_user()}) == 2

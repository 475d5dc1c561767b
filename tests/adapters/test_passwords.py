"""Passwords by Argon2id."""

import asyncio

import argon2
import pytest
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY

from photostore_adapters.system.passwords import Argon2PasswordHasher, hash_of_nothing

PASSWORD = "correct horse battery staple"


@pytest.fixture
def hasher() -> Argon2PasswordHasher:
    return Argon2PasswordHasher(CHEAPEST)


async def test_the_right_password_matches_and_any_other_does_not(hasher: Argon2PasswordHasher) -> None:
    hashed = await hasher.hash(PASSWORD)

    assert await hasher.verify(PASSWORD, hashed)
    for other in ("", PASSWORD.upper(), PASSWORD + " ", hashed):
        assert not await hasher.verify(other, hashed)


async def test_a_hash_is_salted_and_tells_nothing(hasher: Argon2PasswordHasher) -> None:
    first, second = await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)

    assert first != second
    assert PASSWORD not in first


async def test_nobodys_password_never_matches(hasher: Argon2PasswordHasher) -> None:
    for password in (PASSWORD, "", "nobody's password"):
        assert not await hasher.verify(password, None)


@pytest.mark.parametrize("parameters", [CHEAPEST, RFC_9106_LOW_MEMORY])
def test_an_unknown_address_takes_as_long_as_a_known_one(parameters: argon2.Parameters) -> None:
    decoy = hash_of_nothing(parameters)

    assert argon2.extract_parameters(decoy) == parameters
    with pytest.raises(VerifyMismatchError):  # it was tried, and not refused unread
        argon2.PasswordHasher().verify(decoy, PASSWORD)


@pytest.mark.parametrize("broken", ["", "plain", "$argon2id$", "$2b$12$" + "a" * 53])
async def test_what_is_no_hash_matches_nothing(hasher: Argon2PasswordHasher, broken: str) -> None:
    assert not await hasher.verify(PASSWORD, broken)


@pytest.mark.parametrize("password", ["пароль", "🔑" * 200, "a\x00b", "x" * 1024])
async def test_any_text_can_be_a_password(hasher: Argon2PasswordHasher, password: str) -> None:
    assert await hasher.verify(password, await hasher.hash(password))


async def test_the_parameters_are_those_that_the_rfc_recommends() -> None:
    hashed = await Argon2PasswordHasher().hash(PASSWORD)

    assert argon2.extract_parameters(hashed) == RFC_9106_LOW_MEMORY


async def test_many_at_once_all_get_their_answer(hasher: Argon2PasswordHasher) -> None:
    hashed = await hasher.hash(PASSWORD)

    answers = await asyncio.gather(
        *(hasher.verify(PASSWORD if number % 2 else "wrong password", hashed) for number in range(12))
    )

    assert answers == [bool(number % 2) for number in range(12)]

"""Passwords by Argon2id."""

import argon2
import pytest
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY

from photostore_adapters.system.passwords import Argon2PasswordHasher, hash_of_nothing
from photostore_testing import PasswordHasherPromises

PASSWORD = "correct horse battery staple"


class TestArgon2PasswordHasher(PasswordHasherPromises):
    @pytest.fixture
    def hasher(self) -> Argon2PasswordHasher:
        return Argon2PasswordHasher(CHEAPEST)


@pytest.mark.parametrize("parameters", [CHEAPEST, RFC_9106_LOW_MEMORY])
def test_an_unknown_address_takes_as_long_as_a_known_one(parameters: argon2.Parameters) -> None:
    decoy = hash_of_nothing(parameters)

    assert argon2.extract_parameters(decoy) == parameters
    with pytest.raises(VerifyMismatchError):  # it was tried, and not refused unread
        argon2.PasswordHasher().verify(decoy, PASSWORD)


async def test_the_parameters_are_those_that_the_rfc_recommends() -> None:
    hashed = await Argon2PasswordHasher().hash(PASSWORD)

    assert argon2.extract_parameters(hashed) == RFC_9106_LOW_MEMORY

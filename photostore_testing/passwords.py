"""What accounts and share links may rely on, however passwords are hashed."""

import asyncio

import pytest

from photostore.user.ports import PasswordHasher

PASSWORD = "correct horse battery staple"  # noqa: S105 - nobody's


@pytest.mark.asyncio
class PasswordHasherPromises:
    """Wants the fixture `hasher`, at its cheapest."""

    async def test_the_right_password_matches_and_any_other_does_not(self, hasher: PasswordHasher) -> None:
        hashed = await hasher.hash(PASSWORD)

        assert await hasher.verify(PASSWORD, hashed)
        for other in ("", PASSWORD.upper(), PASSWORD + " ", hashed):
            assert not await hasher.verify(other, hashed)

    async def test_a_hash_is_salted_and_tells_nothing(self, hasher: PasswordHasher) -> None:
        first, second = await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)

        assert first != second
        assert PASSWORD not in first

    async def test_nobodys_password_never_matches(self, hasher: PasswordHasher) -> None:
        for password in (PASSWORD, "", "nobody's password"):
            assert not await hasher.verify(password, None)

    @pytest.mark.parametrize("broken", ["", "plain", "$argon2id$", "$2b$12$" + "a" * 53])
    async def test_what_is_no_hash_matches_nothing(self, hasher: PasswordHasher, broken: str) -> None:
        assert not await hasher.verify(PASSWORD, broken)

    @pytest.mark.parametrize("password", ["пароль", "🔑" * 200, "a\x00b", "x" * 1024])
    async def test_any_text_can_be_a_password(self, hasher: PasswordHasher, password: str) -> None:
        hashed = await hasher.hash(password)

        assert await hasher.verify(password, hashed)
        assert not await hasher.verify(password[:-1] + "?", hashed)

    async def test_many_at_once_all_get_their_answer(self, hasher: PasswordHasher) -> None:
        hashed = await hasher.hash(PASSWORD)

        answers = await asyncio.gather(
            *(hasher.verify(PASSWORD if number % 2 else "wrong password", hashed) for number in range(12))
        )

        assert answers == [bool(number % 2) for number in range(12)]

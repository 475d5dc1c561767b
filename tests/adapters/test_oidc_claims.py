"""What is taken over from the provider's claims, and from userinfo."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from photostore.user.identity_provider import SignInRefused
from tests.adapters.hostile_oidc import HostileProvider, answering, hostile_provider
from tests.adapters.oidc_parties import relying_party


@pytest.fixture
async def hostile() -> AsyncIterator[HostileProvider]:
    async with hostile_provider() as provider:
        yield provider


@pytest.mark.parametrize(
    ("value", "is_admin"),
    [
        (True, True),
        (False, False),
        (None, False),
        (1, False),
        ("true", False),
        ("admins", True),
        ("admin", False),
        (["users", "admins"], True),
        (["users", 7, ["admins"]], False),
        ({"admins": True}, False),
    ],
)
async def test_the_admin_claim_is_true_or_names_one_of_the_values(
    hostile: HostileProvider, value: object, is_admin: bool
) -> None:
    hostile.claims = {"groups": value}

    async with relying_party(hostile.settings(admin_claim="groups", admin_values=("admins", "root"))) as party:
        assert (await hostile.sign_in(party)).is_admin is is_admin


async def test_without_a_mapped_claim_the_provider_says_nothing_of_administrators(hostile: HostileProvider) -> None:
    hostile.claims = {"admin": True}

    async with relying_party(hostile.settings()) as party:
        assert (await hostile.sign_in(party)).is_admin is None


@pytest.mark.parametrize(
    ("claims", "email", "name"),
    [
        ({"email": "no address", "name": "  Alice\n "}, None, "Alice"),
        ({"email": "a@b\0", "name": 7, "preferred_username": "alice"}, None, "alice"),
        ({"email": ["a@b.c"], "name": ""}, None, None),
        ({"email": "a@b.c" * 60, "name": "x" * 500}, None, "x" * 200),
        ({"email": "ålice@exämple.test", "name": "Ålice \u202e"}, "ålice@exämple.test", "Ålice"),
    ],
)
async def test_only_a_plausible_address_and_a_printable_name_are_taken(
    hostile: HostileProvider, claims: dict[str, Any], email: str | None, name: str | None
) -> None:
    hostile.claims = claims

    async with relying_party(hostile.settings()) as party:
        identity = await hostile.sign_in(party)

    assert (identity.email, identity.display_name) == (email, name)


async def test_userinfo_fills_in_what_the_id_token_lacks(hostile: HostileProvider) -> None:
    hostile.claims = {"email": None, "name": "From the ID token"}
    hostile.userinfo = {"sub": "alice", "email": "bob@example.test", "name": "From userinfo", "groups": ["admins"]}

    async with relying_party(hostile.settings(admin_claim="groups", admin_values=("admins",))) as party:
        identity = await hostile.sign_in(party)

    assert (identity.email, identity.display_name) == ("bob@example.test", "From the ID token")
    assert identity.is_admin is True


async def test_userinfo_is_not_asked_when_it_has_nothing_to_add(hostile: HostileProvider) -> None:
    async with relying_party(hostile.settings()) as party:
        await hostile.sign_in(party)

    assert hostile.asked["/userinfo"] == 0


async def test_userinfo_about_somebody_else_is_refused(hostile: HostileProvider) -> None:
    hostile.claims = {"email": None}
    hostile.userinfo = {"sub": "mallory", "email": "mallory@example.test"}

    async with relying_party(hostile.settings()) as party:
        with pytest.raises(SignInRefused) as refused:
            await hostile.sign_in(party)

    assert refused.value.code == "userinfo_mismatch"


@pytest.mark.parametrize("status", [401, 500, 200])
async def test_a_userinfo_that_fails_is_no_obstacle(hostile: HostileProvider, status: int) -> None:
    hostile.claims = {"email": None}
    hostile.handlers["/userinfo"] = answering(b"<html>", status=status)

    async with relying_party(hostile.settings(admin_claim="groups", admin_values=("admins",))) as party:
        identity = await hostile.sign_in(party)

    assert (identity.email, identity.display_name, identity.is_admin) == (None, "Alice", False)


async def test_a_provider_without_userinfo_is_no_obstacle(hostile: HostileProvider) -> None:
    hostile.metadata = {"userinfo_endpoint": None}
    hostile.claims = {"email": None}

    async with relying_party(hostile.settings()) as party:
        assert (await hostile.sign_in(party)).email is None

"""Tokens of links, sealed; unlocks and the URLs of originals, signed."""

from datetime import timedelta
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from photostore.share_link.gate import Unlocked
from photostore.shared.ids import PhotoId, ShareLinkId
from photostore.user.errors import InvalidToken
from photostore_adapters.system.share_secrets import (
    JwtShareUnlocks,
    SealedShareTokens,
    ShareSecretSettings,
    SignedShareFileUrls,
)
from photostore_adapters.system.tokens import AccessTokenSettings, JwtAccessTokens
from tests.fakes.system import NOW

LINK, OTHER, PHOTO = ShareLinkId(UUID(int=1)), ShareLinkId(UUID(int=2)), PhotoId(UUID(int=3))
UNLOCKED = Unlocked(link_id=LINK, generation=4)
HOUR = timedelta(hours=1)
OLD, NEW = b"o" * 32, b"n" * 32


def secrets(*keys: bytes) -> ShareSecretSettings:
    return ShareSecretSettings(token_keys=keys, unlock_keys=keys, file_keys=keys)


def test_a_token_is_told_to_its_own_link_alone() -> None:
    tokens = SealedShareTokens(secrets(OLD))
    sealed = tokens.seal(LINK, "the token")

    assert "token" not in sealed
    assert tokens.open(LINK, sealed) == "the token"
    assert tokens.open(OTHER, sealed) is None
    assert SealedShareTokens(secrets(NEW, OLD)).open(LINK, sealed) == "the token"
    assert SealedShareTokens(secrets(NEW)).open(LINK, sealed) is None


def test_an_unlock_is_read_until_it_ends() -> None:
    unlocks = JwtShareUnlocks(secrets(OLD))
    token = unlocks.issue(UNLOCKED, now=NOW, expires_at=NOW + HOUR)

    assert unlocks.read(token, now=NOW) == UNLOCKED
    assert unlocks.read(token, now=NOW + HOUR) is None
    assert JwtShareUnlocks(secrets(NEW, OLD)).read(token, now=NOW) == UNLOCKED
    assert JwtShareUnlocks(secrets(NEW)).read(token, now=NOW) is None


def test_no_access_token_is_an_unlock_and_no_unlock_an_access_token() -> None:
    unlocks = JwtShareUnlocks(secrets(OLD))
    access = JwtAccessTokens(AccessTokenSettings(secret_key=OLD, algorithm="HS256", lifetime=HOUR))

    with pytest.raises(InvalidToken):
        access.read(unlocks.issue(UNLOCKED, now=NOW, expires_at=NOW + HOUR), now=NOW)
    issued = access.issue(user_id=UUID(int=1), session_id=UUID(int=2), now=NOW)  # type: ignore[arg-type]
    assert unlocks.read(issued.token, now=NOW) is None


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 3000, ".."])
def test_what_is_no_unlock_is_none(token: str) -> None:
    assert JwtShareUnlocks(secrets(OLD)).read(token, now=NOW) is None


def test_the_algorithm_is_pinned() -> None:
    claims = {"sub": str(LINK), "gen": 4, "exp": int((NOW + HOUR).timestamp())}
    header = {"alg": "HS512", "typ": "share-unlock"}
    token = jwt.encode(header, claims, OctKey.import_key(OLD * 2), algorithms=["HS512"])

    assert JwtShareUnlocks(secrets(OLD * 2)).read(token, now=NOW) is None


def test_a_signature_is_of_one_photo_of_one_generation_for_a_while() -> None:
    urls = SignedShareFileUrls(secrets(OLD))
    query = urls.sign(UNLOCKED, PHOTO, NOW + HOUR)
    next_one = Unlocked(link_id=LINK, generation=5)

    assert urls.is_signed(UNLOCKED, PHOTO, query, now=NOW)
    assert urls.is_signed(UNLOCKED, PHOTO, f"{query}&download=1", now=NOW)
    assert SignedShareFileUrls(secrets(NEW, OLD)).is_signed(UNLOCKED, PHOTO, query, now=NOW)
    assert not SignedShareFileUrls(secrets(NEW)).is_signed(UNLOCKED, PHOTO, query, now=NOW)
    assert not urls.is_signed(UNLOCKED, PHOTO, query, now=NOW + HOUR)
    assert not urls.is_signed(UNLOCKED, PhotoId(UUID(int=9)), query, now=NOW)
    assert not urls.is_signed(next_one, PHOTO, query, now=NOW)
    later = f"e={int((NOW + 2 * HOUR).timestamp())}&{query.partition('&')[2]}"
    for forged in (later, "", "e=&s=", f"e={'9' * 13}&s=x", "e=²&s=x", query.partition("&")[0]):
        assert not urls.is_signed(UNLOCKED, PHOTO, forged, now=NOW)

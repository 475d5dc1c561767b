"""The tokens that clients hold: packed and unpacked, and whatever else is sent instead of one."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.errors import InvalidToken
from photostore.user.tokens import API_KEY_PREFIX, REFRESH_PREFIX, ApiKeyToken, RefreshToken

_secrets = {size: st.binary(min_size=size, max_size=size) for size in (16, 32)}


@given(st.uuids(), st.uuids(), _secrets[16], _secrets[16])
def test_a_refresh_token_survives_its_packing(user: UserId, session: SessionId, family: bytes, current: bytes) -> None:
    token = RefreshToken(user_id=user, session_id=session, family=family, current=current)

    packed = token.pack()

    assert packed.startswith(REFRESH_PREFIX)
    assert RefreshToken.unpack(packed) == token


@given(st.uuids(), st.uuids(), _secrets[32])
def test_an_api_key_survives_its_packing(user: UserId, key: ApiKeyId, secret: bytes) -> None:
    token = ApiKeyToken(user_id=user, key_id=key, secret=secret)

    packed = token.pack()

    assert packed.startswith(API_KEY_PREFIX)
    assert ApiKeyToken.unpack(packed) == token


@pytest.mark.parametrize("unpack", [RefreshToken.unpack, ApiKeyToken.unpack])
@pytest.mark.parametrize(
    "junk",
    ["", "psr_", "psk_", "psr_!", "psk_AAAA", "psr_" + "A" * 85, "psk_" + "A" * 300, "psr_é", "Bearer psk_", "\x00"],
)
def test_junk_is_an_invalid_token(unpack: Callable[[str], object], junk: str) -> None:
    with pytest.raises(InvalidToken):
        unpack(junk)


@given(st.text(max_size=300), st.sampled_from(["", REFRESH_PREFIX, API_KEY_PREFIX]))
def test_no_text_breaks_the_unpacking(text: str, prefix: str) -> None:
    for unpack in (RefreshToken.unpack, ApiKeyToken.unpack):
        try:
            unpack(prefix + text)
        except InvalidToken:
            continue


def test_a_token_of_one_kind_is_none_of_the_other() -> None:
    key = ApiKeyToken.unpack(API_KEY_PREFIX + "A" * 86)

    with pytest.raises(InvalidToken):
        RefreshToken.unpack(key.pack())

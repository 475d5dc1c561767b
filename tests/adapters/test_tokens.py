"""Access tokens as JWTs: what is signed, and every way of making one up."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest

from photostore.shared.ids import SessionId
from photostore.user.errors import InvalidToken
from photostore_adapters.system.tokens import AccessTokenSettings, JwtAccessTokens
from tests.builders import a_user_id
from tests.fakes.system import NOW, new_id

KEY = b"a secret key of more than thirty-two bytes"
OTHER_KEY = b"another key of more than thirty-two bytes"
USER, SESSION = a_user_id(), SessionId(new_id())
CLAIMS: dict[str, object] = {
    "iss": "photostore",
    "sub": str(USER),
    "sid": str(SESSION),
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 900,
}
HEADER = {"alg": "HS256", "typ": "at+jwt"}


def tokens(*keys: bytes, algorithm: str = "HS256") -> JwtAccessTokens:
    key, *previous = keys or (KEY,)
    return JwtAccessTokens(
        AccessTokenSettings(secret_key=key, previous_keys=previous, algorithm=algorithm, lifetime=timedelta(minutes=15))
    )


def encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def forged(
    header: dict[str, object], claims: object, *, key: bytes = KEY, digest: str = "sha256", signature: str | None = None
) -> str:
    """A token made by hand, so that no library refuses to make it."""
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    made = encoded(hmac.digest(key, signed.encode(), digest)) if signature is None else signature
    return f"{signed}.{made}"


def test_what_was_issued_is_read_until_it_expires() -> None:
    issued = tokens().issue(user_id=USER, session_id=SESSION, now=NOW)

    almost = NOW + timedelta(seconds=issued.expires_in - 1)
    assert issued.expires_in == 900
    assert tokens().read(issued.token, now=NOW) == (USER, SESSION)
    assert tokens().read(issued.token, now=almost) == (USER, SESSION)
    assert tokens().end_of(issued.token, now=almost) == NOW + timedelta(seconds=900)


def test_it_expires() -> None:
    issued = tokens().issue(user_id=USER, session_id=SESSION, now=NOW)

    with pytest.raises(InvalidToken):
        tokens().read(issued.token, now=NOW + timedelta(seconds=issued.expires_in))


def test_it_is_a_jwt_of_the_type_for_access_tokens() -> None:
    issued = tokens().issue(user_id=USER, session_id=SESSION, now=NOW)

    header, claims, _ = issued.token.split(".")
    assert json.loads(urlsafe_b64decode(header + "==")) == HEADER
    assert json.loads(urlsafe_b64decode(claims + "==")) == CLAIMS


def test_one_made_by_hand_in_the_same_way_is_read() -> None:
    assert tokens().read(forged(dict(HEADER), CLAIMS), now=NOW) == (USER, SESSION)


def test_a_previous_key_is_read_and_no_longer_signs() -> None:
    old = tokens(OTHER_KEY).issue(user_id=USER, session_id=SESSION, now=NOW)
    changed = tokens(KEY, OTHER_KEY)

    new = changed.issue(user_id=USER, session_id=SESSION, now=NOW)

    assert changed.read(old.token, now=NOW) == (USER, SESSION)
    with pytest.raises(InvalidToken):
        tokens(OTHER_KEY).read(new.token, now=NOW)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_pinned_algorithm_reads_its_own_alone(algorithm: str) -> None:
    issued = tokens(KEY * 2, algorithm=algorithm).issue(user_id=USER, session_id=SESSION, now=NOW)

    assert tokens(KEY * 2, algorithm=algorithm).read(issued.token, now=NOW) == (USER, SESSION)
    with pytest.raises(InvalidToken):
        tokens(KEY * 2).read(issued.token, now=NOW)


@pytest.mark.parametrize(
    "token",
    [
        forged({**HEADER, "alg": "none"}, CLAIMS, signature=""),
        forged({**HEADER, "alg": "none"}, CLAIMS),
        forged({**HEADER, "alg": "None"}, CLAIMS, signature=""),
        forged({**HEADER, "alg": "HS512"}, CLAIMS, digest="sha512"),
        forged({**HEADER, "alg": "RS256"}, CLAIMS),
        forged({"typ": "at+jwt"}, CLAIMS),
        forged(dict(HEADER), CLAIMS, key=OTHER_KEY),
        forged(dict(HEADER), CLAIMS, key=b""),
        forged(dict(HEADER), CLAIMS, signature=""),
        forged({**HEADER, "typ": "JWT"}, CLAIMS),
        forged({**HEADER, "typ": "sign-in"}, CLAIMS),
        forged({"alg": "HS256"}, CLAIMS),
        forged({**HEADER, "crit": ["exp"]}, {**CLAIMS, "exp": 0}),
    ],
)
def test_a_token_signed_otherwise_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        tokens().read(token, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "someone else"},
        {"iss": None},
        {"sub": "alice"},
        {"sub": None},
        {"sub": 7},
        {"sid": "x"},
        {"sid": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": "nan"},
        {"exp": 0},
        {"exp": [1]},
    ],
)
def test_claims_that_are_not_ours_are_refused(changes: dict[str, object]) -> None:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}

    with pytest.raises(InvalidToken):
        tokens().read(forged(dict(HEADER), claims), now=NOW)


@pytest.mark.parametrize("claims", [[], "text", 7, None])
def test_claims_that_are_no_object_are_refused(claims: object) -> None:
    with pytest.raises(InvalidToken):
        tokens().read(forged(dict(HEADER), claims), now=NOW)


@pytest.mark.parametrize("junk", ["", ".", "..", "a.b.c", "a.b", "é.é.é", "\x00.\x00.\x00", "x" * 5000, "." * 3000])
def test_junk_is_refused(junk: str) -> None:
    with pytest.raises(InvalidToken):
        tokens().read(junk, now=NOW)


def test_settings_do_not_show_their_keys() -> None:
    settings = AccessTokenSettings(
        secret_key=KEY, previous_keys=[OTHER_KEY], algorithm="HS256", lifetime=timedelta(minutes=15)
    )

    assert "thirty-two" not in repr(settings)

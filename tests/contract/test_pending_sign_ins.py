"""What a browser may be given to hold of a sign-in under way."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from photostore.user.attempts import LIFETIME_SECONDS, PendingSignIn, PendingSignIns
from photostore.user.identity_provider import SignInAttempt, SignInRefused
from photostore_adapters.system.attempts import PendingSignInSettings, SealedPendingSignIns
from tests.fakes.system import NOW, FakePendingSignIns

PENDING = PendingSignIn(
    attempt=SignInAttempt(
        state="state", nonce="nonce", code_verifier="verifier", redirect_uri="https://photos.test/auth/callback"
    ),
    return_to="/gallery?ü=1",
)


def sealing(key: bytes = b"k" * 32) -> PendingSignIns:
    return SealedPendingSignIns(PendingSignInSettings(key=key))


@pytest.fixture(params=[FakePendingSignIns, sealing])
def pending_sign_ins(request: pytest.FixtureRequest) -> PendingSignIns:
    make: Callable[[], PendingSignIns] = request.param
    return make()


def test_what_was_sealed_is_opened(pending_sign_ins: PendingSignIns) -> None:
    sealed = pending_sign_ins.seal(PENDING, now=NOW)

    assert pending_sign_ins.open(sealed, now=NOW + timedelta(seconds=LIFETIME_SECONDS - 1)) == PENDING


def test_it_is_good_for_ten_minutes(pending_sign_ins: PendingSignIns) -> None:
    sealed = pending_sign_ins.seal(PENDING, now=NOW)

    with pytest.raises(SignInRefused):
        pending_sign_ins.open(sealed, now=NOW + timedelta(seconds=LIFETIME_SECONDS))


@pytest.mark.parametrize("junk", ["", "a.b.c", "é", "\x00", "e30.e30.", "x" * 5000])
def test_anything_else_is_refused(pending_sign_ins: PendingSignIns, junk: str) -> None:
    with pytest.raises(SignInRefused) as refused:
        pending_sign_ins.open(junk, now=NOW)

    assert refused.value.code == "state_mismatch"


def test_what_another_key_sealed_is_refused() -> None:
    sealed = sealing(b"other key of 32 bytes or more ...").seal(PENDING, now=NOW)

    with pytest.raises(SignInRefused):
        sealing().open(sealed, now=NOW)

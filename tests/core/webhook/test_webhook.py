"""What makes up a webhook: topics, secrets, retries."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook as Verifier

from photostore.webhook.errors import WebhookInvalid
from photostore.webhook.retrying import GIVE_UP, next_attempt
from photostore.webhook.signing import demand_secret, secret_of, signatures, timestamp
from photostore.webhook.topics import EVENTS, chosen, is_chosen
from tests.fakes.system import NOW


def test_topics_are_names_or_all_of_a_kind() -> None:
    topics = chosen(["photo.trashed", "album.*", "photo.trashed"])

    assert topics == ("album.*", "photo.trashed")
    assert [each for each in EVENTS if is_chosen(each, topics)] == [
        "photo.trashed",
        "album.created",
        "album.updated",
        "album.deleted",
    ]
    assert chosen(None) is None
    assert all(is_chosen(each, None) for each in EVENTS)


@pytest.mark.parametrize(
    "events", [[], ["photo"], ["photo."], ["*"], ["photo.eaten"], ["Photo.created"], ["photo.*", ""]]
)
def test_what_is_no_event_is_refused(events: list[str]) -> None:
    with pytest.raises(WebhookInvalid):
        chosen(events)


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_secret_of_one_s_own_may_be_as_long_as_the_standard_says(size: int) -> None:
    demand_secret(secret_of(bytes(size)))


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_!!!", secret_of(bytes(23)), secret_of(bytes(65)), b64encode(bytes(32)).decode(), "x" * 40],
)
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(WebhookInvalid) as refusal:
        demand_secret(secret)

    assert len(secret) < 10 or secret not in str(refusal.value) + str(refusal.value.errors)


def test_the_library_of_the_standard_verifies_by_either_secret() -> None:
    secrets, body, now = (
        [secret_of(bytes([number] * 32)) for number in (1, 2)],
        b'{"type":"photo.created"}',
        datetime.now(UTC),
    )
    headers = {
        "webhook-id": "some-id",
        "webhook-timestamp": str(timestamp(now)),
        "webhook-signature": signatures(secrets, message_id="some-id", at=now, body=body),
    }

    for secret in secrets:
        assert Verifier(secret).verify(body, headers) == {"type": "photo.created"}


def test_attempts_are_further_and_further_apart_until_three_days_are_over() -> None:
    now, times = NOW, list[datetime]()
    while (then := next_attempt(len(times) + 1, failing_since=NOW, now=now, retry_after=None, chance=0)) is not None:
        times.append(then)
        now = then

    minutes = [(time - NOW) / timedelta(minutes=1) for time in times]
    assert [round(each) for each in minutes[:4]] == [0, 5, 35, 155]
    assert times[0] - NOW == timedelta(seconds=5)
    assert times[-1] - NOW == GIVE_UP
    assert len(times) == 9


def test_chance_makes_it_later_and_the_endpoint_may_as_well_but_not_sooner() -> None:
    def after(failures: int, chance: float, retry_after: timedelta | None) -> timedelta:
        then = next_attempt(failures, failing_since=NOW, now=NOW, retry_after=retry_after, chance=chance)
        assert then is not None
        return then - NOW

    assert after(2, 1, None) == timedelta(minutes=6)
    assert after(1, 0, timedelta(minutes=2)) == timedelta(minutes=2)
    assert after(3, 0, timedelta(seconds=1)) == timedelta(minutes=30)
    assert after(1, 0, timedelta(days=30)) == timedelta(days=1)

"""Signed media URLs under keys that change."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from urllib.parse import parse_qs, urlsplit

import pytest

from photostore.shared.blobs import BlobKey
from photostore.shared.media import MediaGrant, MediaUrlInvalid
from photostore_adapters.system.media_urls import MediaUrlSettings, SignedMediaUrls
from tests.builders import told
from tests.fakes.system import NOW

OLD, NEW = b"the old key of thirty-two bytes .", b"the new key of thirty-two bytes ."
GRANT = MediaGrant(key=BlobKey("originals/owner/upload"), content_type="image/jpeg", byte_size=1234, audience="owner")


def urls(keys: Sequence[bytes] = (NEW,), *, lifetime: timedelta = timedelta(hours=1)) -> SignedMediaUrls:
    return SignedMediaUrls(MediaUrlSettings(base_url="https://photos.test", keys=keys, lifetime=lifetime))


def path_of(url: str) -> str:
    return url.removeprefix("https://photos.test")


def test_a_previous_key_is_read_and_no_longer_signs() -> None:
    expires_at = urls().expiry(NOW)
    old = path_of(urls([OLD]).sign(*told(GRANT), expires_at))
    new = path_of(urls([NEW, OLD]).sign(*told(GRANT), expires_at))

    assert urls([NEW, OLD]).verify(old, now=NOW)[0] == GRANT
    assert urls([NEW]).verify(new, now=NOW)[0] == GRANT
    with pytest.raises(MediaUrlInvalid):
        urls([OLD]).verify(new, now=NOW)
    with pytest.raises(MediaUrlInvalid):
        urls([NEW]).verify(old, now=NOW)


@pytest.mark.parametrize("lifetime", [timedelta(seconds=1), timedelta(minutes=5), timedelta(days=7)])
def test_a_url_lives_from_once_to_one_and_a_half_times_what_was_chosen(lifetime: timedelta) -> None:
    signer = urls(lifetime=lifetime)

    for number in range(50):
        now = NOW + number * lifetime / 7
        assert lifetime - timedelta(seconds=1) <= signer.expiry(now) - now <= 1.5 * lifetime + timedelta(seconds=1)


def test_a_signature_has_128_bits_and_fits_a_url() -> None:
    url = urls().sign(*told(GRANT), urls().expiry(NOW))

    assert len(bytes.fromhex(parse_qs(urlsplit(url).query)["s"][0])) == 16
    assert url.isascii()


def test_a_grant_for_one_audience_is_none_for_another() -> None:
    expires_at = urls().expiry(NOW)
    other = MediaGrant(key=GRANT.key, content_type=GRANT.content_type, byte_size=1234, audience="link")

    assert urls().sign(*told(GRANT), expires_at) != urls().sign(*told(other), expires_at)
    assert urls().verify(path_of(urls().sign(*told(other), expires_at)), now=NOW)[0] == other


def test_a_longer_life_cannot_be_written_into_a_url() -> None:
    url = path_of(urls().sign(*told(GRANT), NOW + timedelta(minutes=1)))
    expires = parse_qs(urlsplit(url).query)["e"][0]

    for changed in (url.replace(expires, str(int(expires) + 9999)), url + "&e=99999999999", f"{url}A", url[:-1]):
        with pytest.raises(MediaUrlInvalid):
            urls().verify(changed, now=NOW)


def test_settings_do_not_show_their_keys() -> None:
    assert "thirty-two" not in repr(MediaUrlSettings(base_url="", keys=[OLD, NEW], lifetime=timedelta(hours=1)))


@pytest.mark.parametrize("key", [b"k", b"k" * 64, b"k" * 65], ids=["short", "a block", "longer than a block"])
def test_the_signature_is_a_keyed_blake2b(key: bytes) -> None:
    signed, _, signature = path_of(urls([key]).sign(*told(GRANT), NOW)).rpartition("&s=")

    assert signature == blake2b(signed.encode(), key=blake2b(key).digest(), digest_size=16).hexdigest()

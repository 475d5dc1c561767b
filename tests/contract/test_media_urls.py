"""What a reader of signed media URLs may rely on, whoever signs them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from photostore.shared.blobs import BlobKey
from photostore.shared.media import MediaGrant, MediaUrlInvalid, MediaUrls
from photostore_adapters.system.media_urls import MediaUrlSettings, SignedMediaUrls
from tests.builders import told
from tests.fakes.system import NOW, FakeMediaUrls

BASE_URL = "https://photos.example.test/base"
GRANT = MediaGrant(
    key=BlobKey("originals/owner/upload"), content_type="image/svg+xml", byte_size=1234, audience="owner"
)


def signed_urls(*keys: bytes) -> MediaUrls:
    return SignedMediaUrls(
        MediaUrlSettings(base_url=f"{BASE_URL}/", keys=keys or (b"k" * 32,), lifetime=timedelta(hours=1))
    )


def fake_urls() -> MediaUrls:
    return FakeMediaUrls(base_url=BASE_URL)


@pytest.fixture(params=[fake_urls, signed_urls])
def urls(request: pytest.FixtureRequest) -> MediaUrls:
    make: Callable[[], MediaUrls] = request.param
    return make()


def signed(urls: MediaUrls, grant: MediaGrant = GRANT) -> str:
    return urls.sign(*told(grant), urls.expiry(NOW)).removeprefix(BASE_URL)


def test_what_was_signed_is_granted_until_it_expires(urls: MediaUrls) -> None:
    expires_at = urls.expiry(NOW)

    url = urls.sign(*told(GRANT), expires_at)

    assert url.startswith(f"{BASE_URL}/media/originals/owner/upload?")
    assert urls.verify(url.removeprefix(BASE_URL), now=NOW) == (GRANT, expires_at)
    assert urls.verify(signed(urls), now=expires_at - timedelta(seconds=1)) == (GRANT, expires_at)


def test_it_is_not_granted_any_longer(urls: MediaUrls) -> None:
    with pytest.raises(MediaUrlInvalid):
        urls.verify(signed(urls), now=urls.expiry(NOW))


def test_urls_signed_in_a_row_are_the_same(urls: MediaUrls) -> None:
    first, second = NOW + timedelta(seconds=1), NOW + timedelta(seconds=3)

    url, same = (urls.sign(*told(GRANT), urls.expiry(moment)) for moment in (first, second))

    assert url == same


def test_an_expiry_is_to_come(urls: MediaUrls) -> None:
    for minutes in range(0, 240, 7):
        now = NOW + timedelta(minutes=minutes, seconds=13)
        assert timedelta(hours=1) <= urls.expiry(now) - now <= timedelta(hours=2)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("/media/originals/owner/upload", "/media/originals/owner/other"),
        ("a=owner", "a=public"),
        ("n=1234", "n=12345"),
        ("image/", "text/"),
        ("e=1", "e=2"),
        ("&s=", "&s=A"),
    ],
)
def test_a_changed_url_grants_nothing(urls: MediaUrls, said: str, instead: str) -> None:
    url = signed(urls)
    assert said in url

    with pytest.raises(MediaUrlInvalid):
        urls.verify(url.replace(said, instead, 1), now=NOW)


def concealed(urls: MediaUrls, audience: str) -> str:
    """The path and query of a URL that does not tell where the bytes lie."""
    key = urls.conceal("renditions/ab/upload/", audience) + "digest.webp"
    return urls.sign(key, "image/webp", 12, audience, urls.expiry(NOW)).removeprefix(BASE_URL)


def test_a_concealed_key_is_granted_and_not_told(urls: MediaUrls) -> None:
    grant, _ = urls.verify(concealed(urls, "share-a-1"), now=NOW)

    assert (grant.key, grant.audience, grant.concealed) == ("renditions/ab/upload/digest.webp", "share-a-1", True)
    assert "upload" not in concealed(urls, "share-a-1")


def test_a_concealed_key_looks_the_same_to_its_audience_alone(urls: MediaUrls) -> None:
    paths = [concealed(urls, audience).partition("?")[0] for audience in ("share-a-1", "share-a-1", "share-b-1")]

    assert paths[0] == paths[1] != paths[2]


@pytest.mark.parametrize(
    "junk", ["", "/media/", "/media/a", "/media/a?s=", "/media/a&s=", "/media/a?e=x&s=é", "/media/../a?e=1&t=a&a=b&s=c"]
)
def test_junk_grants_nothing(urls: MediaUrls, junk: str) -> None:
    with pytest.raises(MediaUrlInvalid):
        urls.verify(junk, now=NOW)

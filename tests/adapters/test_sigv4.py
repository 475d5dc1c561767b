"""Presigning by hand gives what the SDK gives."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]

from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.s3.sigv4 import Presigner

ENDPOINTS = ["https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000", "https://store.test:443", "http://h:80"]
KEYS = ["a", "a/b-c_d.e/f", "0" * 200 + "/x", "...", "A/B.C"]
GET_QUERY = {
    "response-content-disposition": "attachment; filename=\"ä b&c=d.jpg\"; filename*=UTF-8''%C3%A4%20b.jpg",
    "response-content-type": "image/jpeg; charset=utf-8",
}
PUT_HEADERS = {
    "content-length": "12345",
    "content-type": "image/jpeg",
    "if-none-match": "*",
    "x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
}
REQUESTS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("GET", {}, {}),
    ("GET", GET_QUERY, {}),
    ("PUT", {}, PUT_HEADERS),
    ("PUT", {"partNumber": "10000", "uploadId": "a+b/c=d~e f"}, {"content-length": "1"}),
    ("PUT", {}, {"x-amz-meta-photostore-put": "  spaced   out  "}),
]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("request_parts", REQUESTS)
@pytest.mark.parametrize("virtual", [False, True])
def test_the_signature_is_the_sdks(
    endpoint: str, key: str, request_parts: tuple[str, dict[str, str], dict[str, str]], virtual: bool
) -> None:
    method, query, headers = request_parts
    settings = S3Settings(
        bucket_name="photos",
        aws_access_key_id="ACCESS/KEY+1",
        aws_secret_access_key="secret/key+2",
        region_name="eu-central-1",
        endpoint_url=endpoint,
        addressing_style="virtual" if virtual else "path",
    )
    scheme, host = endpoint.split("://")
    address = f"{scheme}://photos.{host}/{key}" if virtual else f"{endpoint}/photos/{key}"
    theirs = AWSRequest(method=method, url=address, params=query, headers=headers)
    S3SigV4QueryAuth(Credentials("ACCESS/KEY+1", "secret/key+2"), "s3", "eu-central-1", expires=600).add_auth(theirs)
    expected = parse_qs(urlsplit(theirs.url).query)
    now = datetime.strptime(expected["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    url = Presigner(settings, settings.endpoint).presign(
        method, key, now=now, expires_in=600, query=query, headers=headers
    )

    assert parse_qs(urlsplit(url).query) == expected
    assert urlsplit(url).path == urlsplit(theirs.url).path


def test_a_url_for_clients_names_the_host_that_they_reach() -> None:
    settings = S3Settings(
        bucket_name="photos",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        endpoint_url="http://store:9000",
        public_endpoint_url="https://photos.example/s3/",
    )

    url = Presigner(settings, settings.public_endpoint).presign("GET", "a", now=datetime.now(UTC), expires_in=60)

    assert url.startswith("https://photos.example/s3/photos/a?X-Amz-Algorithm=")


def test_no_secret_shows_in_the_settings() -> None:
    settings = S3Settings(bucket_name="photos", aws_access_key_id="key", aws_secret_access_key="hush")

    assert "hush" not in repr(settings)

"""What the settings say of tracing, and what is refused of it."""

import pytest

from photostore_adapters.observability.tracing.choosing import tracing_settings
from photostore_adapters.settings import SettingsError, describe, load_settings

COLLECTOR = {"TRACING__ENDPOINT": "http://collector:4318"}
KEY = "top secret, and long"


@pytest.mark.parametrize(
    ("endpoint", "used"),
    [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("http://collector:4318/", "http://collector:4318/v1/traces"),
        ("https://otlp.example.org/otlp/v1/traces", "https://otlp.example.org/otlp/v1/traces"),
    ],
)
def test_an_endpoint_without_a_path_gets_the_usual_one(endpoint: str, used: str) -> None:
    settings = tracing_settings(load_settings({"TRACING__ENDPOINT": endpoint}))

    assert settings.endpoint == used


def test_headers_and_attributes_are_names_with_values_and_headers_are_never_shown() -> None:
    told = {
        "TRACING__HEADERS": f'["x-api-key={KEY}", "x-team=a=b"]',
        "TRACING__RESOURCE_ATTRIBUTES": "team=photos,host.name=a",
    }
    loaded = load_settings(COLLECTOR | told)

    settings = tracing_settings(loaded)

    assert settings.headers == {"x-api-key": KEY, "x-team": "a=b"}
    assert settings.resource["team"] == "photos"
    assert settings.resource["host.name"] == "a"
    assert KEY not in f"{describe(loaded)} {loaded} {settings}"


def test_spans_of_a_bucket_tell_which_it_is() -> None:
    bucket = {
        "S3__BUCKET_NAME": "photos",
        "S3__AWS_ACCESS_KEY_ID": "key",
        "S3__AWS_SECRET_ACCESS_KEY": "secret key",
        "S3__ENDPOINT_URL": "http://minio:9000",
        "JWT__SECRET_KEY": "0T1bNAsvvE3OIv5sHnLrCuAvfLFVi3EzboqkbOK_o9KWn4pT5tvNLHPY",
    }

    settings = tracing_settings(load_settings(COLLECTOR | bucket))

    assert settings.store == {
        "rpc.system": "aws-api",
        "rpc.service": "S3",
        "aws.s3.bucket": "photos",
        "cloud.region": "us-east-1",
        "server.address": "minio",
    }


@pytest.mark.parametrize(
    ("key", "wrong", "told"),
    [
        ("ENDPOINT", "collector:4317", "http:// or https:// URL"),
        ("ENDPOINT", "http://user:password@collector", "http:// or https:// URL"),
        ("SAMPLE_RATIO", "1.5", "it should be a number from 0 to 1"),
        ("SAMPLE_RATIO", "half", "it should be a number from 0 to 1"),
        ("HEADERS", f"no value {KEY}", "like api-key=..."),
        ("HEADERS", f"x-key={KEY}\r\nx-other: 1", "like api-key=..."),
        ("RESOURCE_ATTRIBUTES", "=production", "like deployment.environment.name=production"),
        ("INCOMING", "trust", "one of ignore, link, continue"),
        ("TIMEOUT_SECONDS", "0", "from 1 to 60"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(key: str, wrong: str, told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings({f"TRACING__{key}": wrong})

    assert f"tracing.{key.lower()} (TRACING__{key})" in str(refusal.value)
    assert told in str(refusal.value)
    assert KEY not in str(refusal.value)

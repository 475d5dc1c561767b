"""The production container: a port without an adapter fails here, in milliseconds, and not in front of a user."""

import json
from pathlib import Path

import pytest

from photostore_adapters.settings import Settings, load_settings
from photostore_http.main import http_container, make_server

SECRET = "0T1bNAsvvE3OIv5sHnLrCuAvfLFVi3EzboqkbOK_o9KWn4pT5tvNLHPY"
DATABASE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "JWT__SECRET_KEY": SECRET}
S3 = {"S3__BUCKET_NAME": "photos", "S3__AWS_ACCESS_KEY_ID": "key", "S3__AWS_SECRET_ACCESS_KEY": "secret key"}
TRACING = {"TRACING__ENDPOINT": "http://127.0.0.1:1"}
REDIS = {"REDIS__URL": "redis://:secret@127.0.0.1:1/0"}
OIDC = {
    "OIDC__CLIENT_ID": "photostore",
    "OIDC__CLIENT_SECRET": "client secret",
    "OIDC__SERVER_METADATA_URL": "https://id.example.org/.well-known/openid-configuration",
}

_COPIES = {"name": "far", "bucket_name": "copies", "aws_access_key_id": "key", "aws_secret_access_key": "secret key"}
REPLICAS = {"STORAGE__REPLICAS": json.dumps([{"name": "nas", "folder": "/mnt/nas"}, _COPIES])}
ADAPTERS = {
    "ADAPTERS__STORAGE": "tests.adapters.outside_adapters:SigningStoreProvider",
    "ADAPTERS__IDENTITY_PROVIDER": "tests.adapters.outside_adapters:PeopleProvider",
    "ADAPTERS__RATE_LIMITER": "tests.adapters.outside_adapters:CountingProvider",
    "ADAPTERS__PASSWORD_HASHER": "tests.adapters.outside_adapters:HashingProvider",
}


@pytest.mark.parametrize(
    "environment",
    [
        {},
        REDIS,
        DATABASE,
        DATABASE | S3,
        DATABASE | OIDC,
        DATABASE | S3 | OIDC | REDIS | TRACING,
        TRACING,
        REPLICAS,
        DATABASE | S3 | REPLICAS,
        DATABASE | REDIS | REPLICAS | ADAPTERS,
    ],
    ids=[
        "embedded",
        "redis",
        "database",
        "bucket",
        "provider",
        "everything",
        "tracing",
        "replicas",
        "bucket with replicas",
        "adapters from outside",
    ],
)
async def test_every_port_has_an_adapter_whatever_is_set(environment: dict[str, str], tmp_path: Path) -> None:
    settings: Settings = load_settings(environment | {"DATA_DIR": str(tmp_path)})

    container = http_container(settings, "postgresql://nobody@127.0.0.1:1/none")

    await container.close()


@pytest.mark.parametrize(("environment", "seconds"), [({}, 75), ({"SERVER__KEEP_ALIVE_SECONDS": "9"}, 9)])
def test_connections_that_nobody_uses_are_kept_for_as_long_as_is_set(
    environment: dict[str, str], seconds: int, tmp_path: Path
) -> None:
    settings: Settings = load_settings(environment | {"DATA_DIR": str(tmp_path)})

    assert make_server(settings, unused).config.timeout_keep_alive == seconds


async def unused(scope: object, receive: object, send: object) -> None:
    raise AssertionError("nobody asks")

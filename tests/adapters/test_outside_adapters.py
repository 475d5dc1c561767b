"""Adapters that the settings name: found, fitted in, or refused with words that tell what to do."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from dishka import AsyncContainer
from prometheus_client import REGISTRY

from photostore.shared.blobs import (
    BlobSigner,
    BlobStore,
    BlobStoreUnavailable,
    MendableBlobStore,
    MultipartBlobStore,
    blob_key,
)
from photostore.shared.health import HealthCheck
from photostore.shared.rate_limits import RateLimiter
from photostore.shared.signed_blobs import SignatureInvalid, SignedBlobs
from photostore.user.identity_provider import IdentityProvider
from photostore.user.ports import PasswordHasher
from photostore_adapters.examining.outside import examine_adapters, examine_store
from photostore_adapters.outside.storage import StoreCheck
from photostore_adapters.settings import Settings, SettingsError, load_settings
from photostore_adapters.wiring import make_container
from photostore_testing.saying import chunked
from photostore_testing.signer import signed_get
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.identity_provider import FakeIdentityProvider
from tests.fakes.quotas import FakeRateLimiter
from tests.fakes.system import FakePasswordHasher

HERE = "tests.adapters.outside_adapters"
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
SECRET = "0T1bNAsvvE3OIv5sHnLrCuAvfLFVi3EzboqkbOK_o9KWn4pT5tvNLHPY"
ELSEWHERE = {"DATABASE_URL": NO_DATABASE, "JWT__SECRET_KEY": SECRET}
REDIS = {"REDIS__URL": "redis://127.0.0.1:1/0"}


def settings_with(more: Mapping[str, str] = MappingProxyType({}), **adapters: str) -> Settings:
    return load_settings(
        {**ELSEWHERE, **more} | {f"ADAPTERS__{part.upper()}": f"{HERE}:{name}" for part, name in adapters.items()}
    )


@pytest.fixture(scope="module")
async def container() -> AsyncIterator[AsyncContainer]:
    """With every part from outside, and Redis."""
    parts = {
        "storage": "StoreProvider",
        "identity_provider": "PeopleProvider",
        "rate_limiter": "CountingProvider",
        "password_hasher": "ready",
    }
    container = make_container(settings_with(REDIS, **parts), NO_DATABASE)
    yield container
    await container.close()


async def got(container: AsyncContainer, port: Any) -> Any:
    return await container.get(cast("Any", port))


def calls_of(operation: str) -> float:
    labels = {"operation": operation, "outcome": "ok"}
    return REGISTRY.get_sample_value("photostore_blob_store_seconds_count", labels) or 0.0


def refused(settings: Settings) -> str:
    with pytest.raises(SettingsError) as refusal:
        make_container(settings, NO_DATABASE)
    return str(refusal.value)


async def test_a_store_from_outside_is_the_store_and_is_measured_as_any_other(container: AsyncContainer) -> None:
    theirs, ours = await got(container, MendableBlobStore), await got(container, BlobStore)
    before, key = calls_of("put"), blob_key("originals/a/b")

    await ours.put(key, chunked(b"picture"), at_most=7)

    assert isinstance(theirs, FakeBlobStore)
    assert (await theirs.head(key)).byte_size == 7
    assert calls_of("put") == before + 1
    assert await got(container, MultipartBlobStore) is theirs


async def test_what_a_store_does_not_sign_this_server_does(container: AsyncContainer) -> None:
    request = signed_get(await got(container, BlobSigner), blob_key("originals/a/b"))

    assert request.url.startswith("http://127.0.0.1:8000/blobs/originals/a/b")


async def test_a_store_that_signs_is_where_signed_requests_go() -> None:
    container = make_container(settings_with(storage="SigningStoreProvider"), NO_DATABASE)

    assert isinstance(await got(container, BlobSigner), FakeBlobStore)
    with pytest.raises(SignatureInvalid):
        (await got(container, SignedBlobs)).verify(method="GET", key="originals/a/b", query=[], headers={})


async def test_a_store_from_outside_is_among_what_readiness_asks(container: AsyncContainer) -> None:
    checks = await got(container, Sequence[HealthCheck])

    assert [check.name for check in checks] == ["database", "storage", "jobs", "redis"]


async def test_a_store_is_well_while_it_answers() -> None:
    store = FakeBlobStore()
    await StoreCheck(store).check()

    store.failing.add("head")

    with pytest.raises(BlobStoreUnavailable):
        await StoreCheck(store).check()


async def test_each_part_is_the_one_from_outside_though_redis_is_there(container: AsyncContainer) -> None:
    assert isinstance(await got(container, IdentityProvider), FakeIdentityProvider)
    assert isinstance(await got(container, RateLimiter), FakeRateLimiter)
    assert isinstance(await got(container, PasswordHasher), FakePasswordHasher)


def test_who_signs_in_elsewhere_has_no_password_here() -> None:
    assert not settings_with(identity_provider="PeopleProvider").local_accounts_enabled
    assert settings_with(password_hasher="HashingProvider").local_accounts_enabled


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("HashingProvidr", f"{HERE} has no HashingProvidr; did you mean HashingProvider?"),
        ("PeopleProvider", "it does not provide PasswordHasher; it should provide PasswordHasher"),
        ("PeopleProvider", "it provides IdentityProvider, which is not of this part"),
        ("PerRequestProvider", "it provides PasswordHasher by scope Scope.REQUEST; it should be Scope.APP"),
        ("GreedyProvider", "it provides Clock, which is not of this part; it should provide PasswordHasher"),
        ("MeddlingProvider", "it decorates PhotoQueries, which is photostore's own"),
        ("breaks_off", "it cannot be made without arguments: RuntimeError: no connection string"),
        ("exits", "it cannot be made without arguments: SystemExit: 0"),
        ("no_provider", "it makes a str; it should make a dishka Provider"),
        ("not_even_callable", "it is a int; it should be a dishka Provider, or what makes one"),
    ],
)
def test_an_adapter_that_does_not_fit_stops_the_start_and_tells_why(name: str, told: str) -> None:
    message = refused(settings_with(password_hasher=name))

    assert told in message
    assert f"adapters.password_hasher (ADAPTERS__PASSWORD_HASHER) is '{HERE}:{name}': " in message


def test_a_package_that_is_not_installed_is_told_with_every_other_mistake() -> None:
    environment = ELSEWHERE | {
        "ADAPTERS__STORAGE": "photostore_azure.store:Azure",
        "ADAPTERS__RATE_LIMITER": f"{HERE}:StoreProvider",
    }

    told = refused(load_settings(environment)).splitlines()

    assert "there is no module photostore_azure; install it where photostore is installed" in told[0]
    assert "it does not provide RateLimiter" in told[1]


def test_half_a_store_is_told_what_it_lacks() -> None:
    told = refused(settings_with(storage="HalfStoreProvider"))

    assert "it does not provide MultipartBlobStore" in told
    assert "MendableBlobStore and MultipartBlobStore, and BlobSigner if it signs URLs itself" in told


def test_what_an_adapter_needs_and_nobody_provides_is_told() -> None:
    told = refused(settings_with(password_hasher="NeedyProvider"))

    assert told.startswith("adapters.password_hasher: what it needs is provided by nobody, or twice")
    assert "FakeStore" in told


@pytest.mark.parametrize("path", ["photostore_azure", "photostore_azure:", "a b:C", "a:B.C", "../a:B"])
def test_what_is_no_path_is_refused_before_anything_is_imported(path: str) -> None:
    with pytest.raises(SettingsError, match=r"it should be null or text like package\.module:Name"):
        load_settings(ELSEWHERE | {"ADAPTERS__STORAGE": path})


@pytest.mark.parametrize(
    ("part", "other", "told"),
    [
        ("STORAGE", {"STORAGE__FOLDER": "/photos"}, "is set, and so is STORAGE__FOLDER"),
        ("STORAGE", {"S3__ENDPOINT_URL": "http://s3.test"}, "is set, and so is S3__ENDPOINT_URL"),
        ("STORAGE", {"MEDIA__DELIVERY": "accel"}, "with adapters.storage it should be stream or redirect"),
        ("IDENTITY_PROVIDER", {"OIDC__CLIENT_ID": "photostore"}, "is set, and so is OIDC__CLIENT_ID"),
    ],
)
def test_one_part_is_one_adapters(part: str, other: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(ELSEWHERE | other | {f"ADAPTERS__{part}": "a.b:C"})


def test_with_a_part_from_outside_the_secret_must_be_given() -> None:
    with pytest.raises(SettingsError, match="JWT__SECRET_KEY"):
        load_settings({"ADAPTERS__STORAGE": "a.b:C"})


async def test_the_doctor_tries_the_store() -> None:
    settings = settings_with(storage="StoreProvider")

    found = [
        *[finding async for finding in examine_adapters(settings)],
        *[finding async for finding in examine_store(settings, None)],
    ]

    assert [(finding.part, finding.check, finding.state.value) for finding in found] == [
        ("adapters", "storage", "ok"),
        ("storage", "blobs", "ok"),
        ("storage", "overwriting", "ok"),
        ("storage", "mending", "ok"),
        ("storage", "deleting", "ok"),
    ]


async def test_the_doctor_finds_a_store_that_overwrites() -> None:
    found = {each.check: each async for each in examine_store(settings_with(storage="ForgetfulStoreProvider"), None)}

    assert found["overwriting"].state.value == "failed"
    assert "photostore_testing" in (found["overwriting"].fix or "")


async def test_the_doctor_tells_of_an_adapter_that_is_not_there(tmp_path: Path) -> None:
    settings = settings_with(storage="Nothing")

    adapters = [finding async for finding in examine_adapters(settings)]
    store = [finding async for finding in examine_store(settings, None)]

    assert [finding.state.value for finding in (*adapters, *store)] == ["failed", "skipped"]
    assert "ADAPTERS__STORAGE" in (adapters[0].fix or "")

"""`photostore doctor`: the bucket, as it should be and with each fault."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp import web

from photostore_adapters.examining.browser import examine_cors
from photostore_adapters.examining.bucket import FOLDER, examine_bucket
from photostore_adapters.examining.finding import Finding, State
from photostore_adapters.s3.settings import S3Settings
from tests.adapters.examining import found_by, wrong
from tests.fakes.system import FakeClock
from tests.fixtures.s3 import WallClock, lasting_client

ORIGIN = "https://app.example"
NOWHERE = "http://127.0.0.1:1"


async def examined(settings: S3Settings, *origins: str) -> dict[str, Finding]:
    return await found_by(examine_bucket(settings, origins, WallClock()))


async def test_a_bucket_that_is_as_it_should_be_is_left_as_it_was(s3_settings: S3Settings) -> None:
    found = await examined(s3_settings)

    assert wrong(found) == {}
    assert found["CORS"].state is State.SKIPPED
    assert set(found) == {
        "endpoint",
        "clock",
        "bucket",
        "signed upload",
        "signatures",
        "conditional put",
        "ranges",
        "checksums",
        "multipart",
        "CORS",
        "deleting",
    }
    client, left = lasting_client(s3_settings), {"Bucket": s3_settings.bucket_name, "Prefix": FOLDER}
    assert "Contents" not in client.list_objects_v2(**left)
    assert "Uploads" not in client.list_multipart_uploads(**left)


@pytest.mark.parametrize(
    ("changes", "check", "told", "fix"),
    [
        ({"aws_secret_access_key": "wrong"}, "bucket", "SignatureDoesNotMatch", "S3__AWS_SECRET_ACCESS_KEY"),
        ({"aws_access_key_id": "nobody"}, "bucket", "", "S3__AWS_ACCESS_KEY_ID"),
        ({"bucket_name": "nothing-there"}, "bucket", "NoSuchBucket", "S3__BUCKET_NAME"),
        ({"endpoint_url": NOWHERE}, "endpoint", NOWHERE, "S3__ENDPOINT_URL"),
        ({"public_endpoint_url": NOWHERE}, "public endpoint", NOWHERE, "S3__PUBLIC_ENDPOINT_URL"),
    ],
)
async def test_a_setting_that_is_wrong_is_named(
    s3_settings: S3Settings, changes: dict[str, str], check: str, told: str, fix: str
) -> None:
    found = await examined(replace(s3_settings, **changes))  # type: ignore[arg-type]

    assert wrong(found) == {check: State.FAILED}
    assert told in found[check].told
    assert fix in (found[check].fix or "")


async def test_a_clock_that_is_wrong_is_found(s3_settings: S3Settings) -> None:
    clock = FakeClock(WallClock().now() - timedelta(minutes=30))

    found = await found_by(examine_bucket(s3_settings, (), clock))

    assert wrong(found)["clock"] is State.FAILED
    assert "ahead" in found["clock"].told


async def test_a_page_that_may_not_upload_is_found(s3_settings: S3Settings) -> None:
    found = await examined(s3_settings, ORIGIN)

    assert wrong(found) == {f"CORS {ORIGIN}": State.FAILED}
    assert f'AllowedOrigins ["{ORIGIN}"]' in (found[f"CORS {ORIGIN}"].fix or "")


@asynccontextmanager
async def lax_store(cors: Mapping[str, str]) -> AsyncIterator[S3Settings]:
    """A store that takes whatever comes, from whomever, and gives all of it."""
    kept: dict[str, bytes] = {}

    async def answer(request: web.Request) -> web.Response:
        headers = {"Date": format_datetime(WallClock().now(), usegmt=True)}
        if request.method == "OPTIONS":
            return web.Response(headers=cors)
        if request.method == "PUT":
            kept[request.path] = await request.read()
        elif request.method == "DELETE":
            kept.pop(request.path, None)
        elif request.method == "POST":
            return web.Response(status=501, text="<Code>NotImplemented</Code>", headers=headers)
        elif request.path.startswith(f"/photos/{FOLDER}") and request.path not in kept:
            return web.Response(status=404, headers=headers)
        return web.Response(body=kept.get(request.path, b""), headers=headers)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield S3Settings(
            bucket_name="photos",
            aws_access_key_id="key",
            aws_secret_access_key="hush",
            endpoint_url=f"http://127.0.0.1:{port}",
            control_attempts=1,
        )
    finally:
        await runner.cleanup()


async def test_a_store_that_lets_everything_pass_is_found() -> None:
    async with lax_store({}) as settings:
        found = await examined(settings)

    assert wrong(found) == {
        "signatures": State.FAILED,
        "ranges": State.FAILED,
        "multipart": State.FAILED,
        "conditional put": State.WARNING,
        "checksums": State.WARNING,
    }
    assert found["deleting"].state is State.OK


@pytest.mark.parametrize(
    ("cors", "state"),
    [
        ({"Access-Control-Allow-Origin": "*"}, State.FAILED),
        (
            {
                "Access-Control-Allow-Origin": ORIGIN,
                "Access-Control-Allow-Methods": "GET, PUT",
                "Access-Control-Allow-Headers": "*",
            },
            State.OK,
        ),
        (
            {
                "Access-Control-Allow-Origin": ORIGIN,
                "Access-Control-Allow-Methods": "PUT",
                "Access-Control-Allow-Headers": "content-type",
            },
            State.FAILED,
        ),
    ],
)
async def test_a_preflight_is_read_as_a_browser_reads_it(cors: dict[str, str], state: State) -> None:
    async with lax_store(cors) as settings, aiohttp.ClientSession() as http:
        found = await found_by(examine_cors(http, f"{settings.endpoint}/photos/key", [ORIGIN]))

    assert found[f"CORS {ORIGIN}"].state is state

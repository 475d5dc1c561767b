"""Two servers that all tests share: one with nothing set, one with every part outside.

They end after the last test here: one that only waits takes more than a hundredth of a processor.
"""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import asyncpg
import pytest
from PIL import Image

from photostore_adapters.s3.settings import S3Settings
from tests.e2e.behind import Behind, bucket_environment
from tests.e2e.behind import behind as behind_of
from tests.e2e.databases import strong_secret
from tests.e2e.ports import free_port
from tests.e2e.servers import ServerProcess, logs_of_running
from tests.fixtures.oidc import CertifiedProvider
from tests.fixtures.parts import alone_with
from tests.fixtures.postgres import CreateDatabase, url_of
from tests.fixtures.s3 import sdk_client


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the shape of a cluster, leave out what is about one process. It runs where that is what is tested."""
    if not os.environ.get("TEST_SHAPE"):
        return
    single = [item for item in items if item.get_closest_marker("one_process")]
    config.hook.pytest_deselected(items=single)
    items[:] = [item for item in items if item not in single]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections += logs_of_running()
    return report


@pytest.fixture(scope="package")
def embedded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Nothing set but where it listens and where its data lie, and that pages of any origin may call it. Typed, as it were."""
    given = {"CORS__ALLOW_ORIGINS": "*"}
    with ServerProcess(tmp_path_factory.mktemp("embedded"), given, really=True) as server:
        yield server


@pytest.fixture(scope="package")
async def new_database(postgres_tcp_url: str) -> AsyncIterator[CreateDatabase]:
    """Makes databases without a table."""
    connection = await asyncpg.connect(postgres_tcp_url)
    made: list[str] = []

    async def create() -> str:
        made.append(f"photostore_e2e_{secrets.token_hex(6)}")
        await connection.execute(f'CREATE DATABASE "{made[-1]}"')
        return url_of(postgres_tcp_url, made[-1])

    yield create
    for name in made:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture(scope="package")
def new_bucket(s3_settings: S3Settings) -> Iterator[Callable[[], S3Settings]]:
    """Makes buckets: a server that sweeps takes whatever it does not know in its bucket for left behind."""
    made: list[str] = []
    with closing(sdk_client(s3_settings)) as client:

        def create() -> S3Settings:
            made.append(f"photostore-e2e-{secrets.token_hex(8)}")
            client.create_bucket(Bucket=made[-1])
            return replace(s3_settings, bucket_name=made[-1])

        yield create
        for name in made:
            for entry in client.list_objects_v2(Bucket=name).get("Contents", ()):
                client.delete_object(Bucket=name, Key=entry["Key"])
            # Parts of an upload that never ended may be left; they are the store's to expire.
            with suppress(client.exceptions.ClientError):
                client.delete_bucket(Bucket=name)


@pytest.fixture(scope="package")
async def outfitted_server(
    tmp_path_factory: pytest.TempPathFactory,
    new_database: CreateDatabase,
    s3_settings: S3Settings,
    shared_oidc_provider: CertifiedProvider,
) -> AsyncIterator[ServerProcess]:
    """Its database, its bucket and its identity provider are elsewhere; it has local accounts, too."""
    port, client = free_port(), shared_oidc_provider.client()
    assert client.client_secret is not None
    with alone_with("oidc"):
        await shared_oidc_provider.allow_redirect(f"http://127.0.0.1:{port}/api/v1/auth/callback")
    variables = {
        **bucket_environment(s3_settings),
        "DATABASE_URL": await new_database(),
        "OIDC__CLIENT_ID": client.client_id,
        "OIDC__CLIENT_SECRET": client.client_secret,
        "OIDC__SERVER_METADATA_URL": shared_oidc_provider.metadata_url,
        "AUTH__LOCAL_ACCOUNTS": "true",
        "JWT__SECRET_KEY": strong_secret(),
    }
    with ServerProcess(tmp_path_factory.mktemp("outfitted"), variables, port=port) as server:
        yield server


@pytest.fixture(params=["embedded", "outfitted"])
def server(request: pytest.FixtureRequest) -> ServerProcess:
    """Each of the two in turn."""
    server: ServerProcess = request.getfixturevalue(f"{request.param}_server")
    return server


@pytest.fixture
def behind(server: ServerProcess) -> Behind:
    return behind_of(server)


@pytest.fixture(scope="session")
def large_jpeg() -> bytes:
    """48 megapixels of noise, as large as a phone's photo."""
    noise = Image.effect_noise((2016, 1512), 40).resize((8064, 6048))
    file = BytesIO()
    Image.merge("RGB", (noise, noise, noise)).save(file, "JPEG", quality=85)
    return file.getvalue()


@pytest.fixture(scope="session")
def example_photo() -> bytes:
    return (Path(__file__).parents[2] / "docs" / "example.jpg").read_bytes()

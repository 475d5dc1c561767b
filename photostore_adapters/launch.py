"""What stands before the first request: settings, logs, the database, its tables."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile, gettempdir

from photostore.shared.errors import PhotostoreError
from photostore.user.commands.make_admin import MakeAdmin
from photostore_adapters.embedded_postgres.errors import EmbeddedPostgresError
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres, running_url
from photostore_adapters.imaging.processes.pool import DecoderPool
from photostore_adapters.observability.logging import configure_logging
from photostore_adapters.postgres.migrate import current, head, upgrade
from photostore_adapters.settings import Settings, SettingsError, describe, load_settings
from photostore_adapters.wiring import decoder_settings, make_container

__all__ = [
    "LaunchRefused",
    "Settings",
    "database",
    "described",
    "examined",
    "head",
    "launching",
    "make_admin",
    "migrate",
    "migrated",
    "settings_in_force",
]


class LaunchRefused(Exception):
    """Something outside photostore must be mended first. One readable line a mistake, no secret."""


@contextmanager
def launching() -> Iterator[None]:
    """Whatever keeps photostore from starting comes out as `LaunchRefused`."""
    try:
        yield
    except (SettingsError, EmbeddedPostgresError, PhotostoreError) as error:
        raise LaunchRefused(str(error)) from error
    except OSError as error:
        raise LaunchRefused(f"The system refused: {error}") from error


def settings_in_force(*, port: int | None = None, data_dir: Path | None = None) -> Settings:
    """Load the settings, and log as they say from here on."""
    settings = load_settings(overrides={"port": port, "data_dir": data_dir})
    configure_logging(settings.log.level, settings.log.format)
    _demand_scratch(settings.decoding.scratch_folder)
    return settings


def _demand_scratch(folder: Path | None) -> None:
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as refusal:
        raise LaunchRefused(
            f"decoding.scratch_folder (DECODING__SCRATCH_FOLDER) is {str(folder or gettempdir())!r}, where no file can be "
            f"made: {refusal.strerror}. It should be a folder that can be written to."
        ) from refusal


def described(settings: Settings) -> Sequence[tuple[str, str, str]]:
    """Key, value and origin of each setting; secrets do not show."""
    return describe(settings)


@contextmanager
def database(settings: Settings, *, beside: bool = False) -> Iterator[str]:
    """The URL of the database: the given one, or the embedded one, which runs as long as this block.

    `beside` a server that runs the embedded one already, it is that server's.
    """
    if settings.database_url is not None:
        yield settings.database_url.reveal()
        return
    running = running_url(settings.data_dir / "postgres") if beside else None
    if running is not None:
        yield running
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(settings.data_dir / "postgres") as postgres:
        yield postgres.url


async def migrated(settings: Settings, url: str) -> None:
    """Bring the tables up to date, or refuse to start on others than this version knows."""
    if settings.embedded_database or settings.database.migrate_on_start:
        await upgrade(url)
    elif (found := await current(url)) != head():
        raise LaunchRefused(
            f"The database is at revision {found}, this version needs {head()}: run `photostore migrate`, "
            "or set DATABASE__MIGRATE_ON_START=true."
        )


async def migrate(url: str) -> None:
    await upgrade(url)


async def examined(settings: Settings) -> Mapping[str, str | None]:
    """What each decoder makes of pictures of its own: `None` where it works, else the fault in words."""
    pool = DecoderPool(decoder_settings(settings))
    try:
        return await pool.prove()
    finally:
        await pool.aclose()


async def make_admin(settings: Settings, url: str, who: str) -> None:
    container = make_container(settings, url)
    try:
        async with container() as scope:
            await (await scope.get(MakeAdmin))(who=who)
    finally:
        await container.close()

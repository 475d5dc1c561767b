"""What stands before anything else: settings, logs, and how a refusal is told."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile, gettempdir

from photostore.shared.errors import PhotostoreError
from photostore_adapters.embedded_postgres.errors import EmbeddedPostgresError
from photostore_adapters.observability.logging import configure_logging
from photostore_adapters.settings import Settings, SettingsError, describe, load_settings

__all__ = ["LaunchRefused", "Settings", "described", "launching", "settings_in_force"]


class LaunchRefused(Exception):
    """Something outside photostore must be mended first. One readable line a mistake, no secret."""


@contextmanager
def launching() -> Iterator[None]:
    """Whatever keeps photostore from starting comes out as `LaunchRefused`."""
    try:
        yield
    except (SettingsError, EmbeddedPostgresError) as error:
        raise LaunchRefused(str(error)) from error
    except PhotostoreError as error:
        wrong = "; ".join(f"{each.field} {each.message}" for each in error.errors)
        raise LaunchRefused(f"{error} {wrong}".strip()) from error
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

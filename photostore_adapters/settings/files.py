"""Reading a YAML file with dynaconf, which here may merge nothing, cast nothing and look for no further files."""

import sysconfig
from collections.abc import Mapping
from pathlib import Path

from dynaconf import Dynaconf  # type: ignore[import-untyped]
from dynaconf.loaders import yaml_loader  # type: ignore[import-untyped]

from .errors import SettingsError

_errors = yaml_loader.yaml.error


def default_file() -> Path:
    """The `settings.yaml` of the checkout, or the one that the wheel has put beside its environment."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "settings.yaml"
    return Path(sysconfig.get_path("data")) / "share" / "photostore" / "settings.yaml"


def read_file(path: Path) -> dict[str, object]:
    """What the file says, the section `s3` with `bucket_name` as `s3.bucket_name`. Raise `SettingsError` otherwise."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SettingsError([f"the settings file {path} cannot be read: {reason}"]) from error
    return _flat(_parse(text, path))


def _parse(text: str, path: Path) -> Mapping[str, object]:
    layer = Dynaconf(core_loaders=[], loaders=[], environments=False, dotted_lookup=False)
    # Said after the fact, since dynaconf lets variables of its own overrule what it is made with.
    layer.set("AUTO_CAST_FOR_DYNACONF", False)
    layer.set("YAML_LOADER_FOR_DYNACONF", "safe_load")
    before = set(layer.as_dict())
    try:
        # The text, not the path: given a path, dynaconf also reads its `.local` neighbour and expands `*` and `?`.
        yaml_loader.load(layer, filename=[text + "\n"], silent=False)
    except (_errors.MarkedYAMLError, _errors.MarkedYAMLFutureWarning) as error:
        # The error's own text quotes the file, which may hold a secret.
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SettingsError([f"the settings file {path} is not YAML: see line {line}"]) from None
    except _errors.YAMLError:
        raise SettingsError([f"the settings file {path} is not YAML"]) from None
    except (AttributeError, TypeError, ValueError):
        raise SettingsError([f"the settings file {path} should hold keys with values at its top"]) from None
    return {str(key).lower(): value for key, value in layer.as_dict().items() if key not in before}


def _flat(content: Mapping[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            flat[name] = value
    return flat

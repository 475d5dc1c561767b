"""Every key of the settings, read off the dataclasses: its name, its variable, its kind and its default."""

from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, get_type_hints

from .kinds import is_secret
from .settings import Settings

NOT_KEYS = {"provenance"}  # what the loader adds


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting. `name` is dotted as in `settings.yaml`; `variable` is its environment variable."""

    name: str
    kind: Any
    default: object

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return self.name.replace(".", "__").upper()

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.name} ({self.variable})"

    @property
    def secret(self) -> bool:
        """True when its value must not be shown."""
        return is_secret(self.kind)

    def of(self, settings: Settings) -> object:
        """The value in force."""
        value: object = settings
        for part in self.name.split("."):
            value = getattr(value, part)
        return value


def _keys_of(cls: type[Any], prefix: str = "") -> dict[str, Key]:
    kinds = get_type_hints(cls, include_extras=True)
    keys: dict[str, Key] = {}
    for each in fields(cls):
        if each.name in NOT_KEYS:
            continue
        if is_dataclass(kinds[each.name]):
            keys |= _keys_of(kinds[each.name], f"{each.name}.")
            continue
        assert each.default is not MISSING, f"{prefix}{each.name} needs a default"
        keys[prefix + each.name] = Key(name=prefix + each.name, kind=kinds[each.name], default=each.default)
    return keys


_SECTIONS: dict[str, type[Any]] = {
    name: kind for name, kind in get_type_hints(Settings).items() if isinstance(kind, type) and is_dataclass(kind)
}
SECTIONS = MappingProxyType(_SECTIONS)
KEYS = MappingProxyType(_keys_of(Settings))
VARIABLES = MappingProxyType({key.variable: key for key in KEYS.values()})


def nearest(name: str, known: list[str]) -> str:
    """`; did you mean ...?`, or nothing where no known name is near."""
    found = get_close_matches(name, known, n=1)
    return f"; did you mean {found[0]}?" if found else ""

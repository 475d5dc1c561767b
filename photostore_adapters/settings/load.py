"""From files and variables to one checked `Settings`; every mistake is told at once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .checks import contradictions
from .errors import SettingsError
from .files import default_file, read_file
from .kinds import WrongItem, expected, is_nullable, read
from .schema import KEYS, SECTIONS, VARIABLES, Key, nearest
from .secret import without_credentials
from .settings import Settings

FILE_VARIABLE = "SETTINGS_FILE"
ENVIRONMENT = "environment"
COMMAND_LINE = "command line"


def load_settings(
    environ: Mapping[str, str] = os.environ,
    files: Sequence[Path] | None = None,
    overrides: Mapping[str, object] = MappingProxyType({}),
) -> Settings:
    """Read `files` (by default `settings.yaml` and what `SETTINGS_FILE` names), then variables, then `overrides`.

    Later ones win, key by key. `overrides` are dotted keys from the command line; one that is `None` says nothing.
    Raise `SettingsError` with every mistake that was found.
    """
    draft = _Draft()
    for path in _files(environ) if files is None else files:
        draft.take_file(path)
    draft.take_environment(environ)
    draft.take_overrides(overrides)
    return draft.settings()


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    if default_file().is_file():  # a package without it still has the same defaults in its dataclasses
        yield default_file()
    if environ.get(FILE_VARIABLE):
        yield Path(environ[FILE_VARIABLE]).expanduser()


@dataclass(slots=True)
class _Draft:
    values: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)

    def take_file(self, path: Path) -> None:
        try:
            content = read_file(path)
        except SettingsError as error:
            self.mistakes += error.mistakes
            return
        for name, raw in content.items():
            if name in KEYS:
                self._take(KEYS[name], None if raw == "" and is_nullable(KEYS[name].kind) else raw, str(path))
            elif name in SECTIONS:
                if raw is not None:  # a section whose keys are all commented out is an empty one
                    self.mistakes.append(f"{name} in {path} should be a section with keys of its own")
            else:
                self.mistakes.append(f"{name} in {path} is not a setting{nearest(name, list(KEYS))}")

    def take_environment(self, environ: Mapping[str, str]) -> None:
        for name, raw in environ.items():
            if name in VARIABLES:
                # Compose files pass on what is unset as an empty string.
                if raw != "" or not is_nullable(VARIABLES[name].kind):
                    self._take(VARIABLES[name], raw, ENVIRONMENT)
            elif "__" in name and (name.split("__")[0].lower() in SECTIONS or _is_misspelt(name)):
                self.mistakes.append(f"{name} in the {ENVIRONMENT} is not a setting{_nearest_variable(name)}")

    def take_overrides(self, overrides: Mapping[str, object]) -> None:
        for name, raw in overrides.items():
            if raw is not None:
                self._take(KEYS[name], raw, COMMAND_LINE)

    def settings(self) -> Settings:
        if self.mistakes:
            raise SettingsError(self.mistakes)
        sections = {name: cls(**self._section(f"{name}.")) for name, cls in SECTIONS.items()}
        settings = Settings(**sections, **self._section(""), provenance=dict(self.origins))
        if found := contradictions(settings):
            raise SettingsError(found)
        return settings

    def _section(self, prefix: str) -> dict[str, Any]:
        own = {name.removeprefix(prefix): value for name, value in self.values.items() if name.startswith(prefix)}
        return {name: value for name, value in own.items() if "." not in name}

    def _take(self, key: Key, raw: object, origin: str) -> None:
        try:
            value = read(key.kind, raw)
        except WrongItem as wrong:
            self.mistakes += [f"{key.label} is wrong {_place(origin)}: {mistake}" for mistake in wrong.mistakes]
            return
        except (ValueError, RuntimeError):  # a RuntimeError is a `~` without a home
            self.mistakes.append(f"{key.label} {_held(key, raw, origin)}; it should be {expected(key.kind)}")
            return
        self.values[key.name] = value
        # The shipped file repeats the defaults; what it says counts as its own only where it says something else.
        if key.name not in self.origins and value == key.default and origin not in {ENVIRONMENT, COMMAND_LINE}:
            return
        self.origins[key.name] = origin


def _held(key: Key, raw: object, origin: str) -> str:
    place = _place(origin)
    if key.secret:
        return f"is wrong {place} (its value is not shown)"
    shown = "null" if raw is None else without_credentials(repr(raw))
    return f"is {shown if len(shown) <= 80 else shown[:77] + '...'} {place}"


def _place(origin: str) -> str:
    return {ENVIRONMENT: "in the environment", COMMAND_LINE: "on the command line"}.get(origin, f"in {origin}")


def _is_misspelt(name: str) -> bool:
    """Other programs have sections too; only what is as good as one of ours is taken for it."""
    return bool(get_close_matches(name.upper(), VARIABLES, n=1, cutoff=0.9))


def _nearest_variable(name: str) -> str:
    return nearest(name.upper(), list(VARIABLES))

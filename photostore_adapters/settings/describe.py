"""Telling the operator what is in force, and what there is to set."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import NamedTuple

from .files import default_file
from .kinds import expected
from .schema import KEYS
from .secret import MASK, Secret, SecretUrl, without_credentials
from .settings import Settings

DEFAULT = "default"


class SettingRow(NamedTuple):
    """One setting in force; `value` shows no secret, `origin` is `default`, a file or `environment`."""

    key: str
    value: str
    origin: str


class SettingReference(NamedTuple):
    """One setting as the documentation tells it."""

    key: str
    variable: str
    expected: str
    default: str
    comment: str


def describe(settings: Settings) -> list[SettingRow]:
    """Every setting in the order of `settings.yaml`."""
    return [
        SettingRow(key.name, shown(key.of(settings)), settings.provenance.get(key.name, DEFAULT))
        for key in KEYS.values()
    ]


def reference(path: Path | None = None) -> list[SettingReference]:
    """Every setting with the comment that stands over it in `settings.yaml`."""
    comments = dict(_comments((path or default_file()).read_text(encoding="utf-8").splitlines()))
    return [
        SettingReference(key.name, key.variable, expected(key.kind), shown(key.default), comments.get(key.name, ""))
        for key in KEYS.values()
    ]


def shown(value: object) -> str:
    """The value as one would write it, with stars for what is secret."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Secret():
            return str(value) if isinstance(value, SecretUrl) else MASK
        case tuple():
            return f"[{', '.join(map(shown, value))}]"
        case _ if is_dataclass(value):
            told = ((each, getattr(value, each.name)) for each in fields(value))
            return f"{{{', '.join(f'{each.name}: {shown(held)}' for each, held in told if held != each.default)}}}"
        case _:
            return without_credentials(str(value))


def _comments(lines: list[str]) -> Iterator[tuple[str, str]]:
    section, comment = "", list[str]()
    for line in lines:
        text = line.strip()
        if text.startswith("#"):
            comment.append(text.removeprefix("#").strip())
            continue
        if text:
            section = section if line.startswith(" ") else ""
            name = text.partition(":")[0]
            yield section + name, " ".join(comment)
            section = f"{name}." if text.endswith(":") else section
        comment = []

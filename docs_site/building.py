"""What MkDocs does besides, as it reads each page: see `hooks` in `mkdocs.yml`."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from photostore_adapters.settings.describe import SettingReference, reference
from photostore_adapters.settings.schema import KEYS

SETTINGS_HERE = "<!-- every setting -->"
_CODE_IN_A_ROW = re.compile(r"`[^`\n]*\\\|[^`\n]*`")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with every setting where it asks for them, and its tables as Python-Markdown reads them."""
    rows = _CODE_IN_A_ROW.sub(lambda code: code[0].replace(r"\|", "|"), markdown)
    return rows.replace(SETTINGS_HERE, "\n".join(settings_reference()))


def settings_reference() -> Iterator[str]:
    """Every setting, section by section: its key, variable, kind, default and comment."""
    for section, entries in groupby(reference(), key=_section_of):
        yield f"## {section}\n"
        for entry in entries:
            yield from _told(entry)


def _section_of(entry: SettingReference) -> str:
    section, dot, _ = entry.key.partition(".")
    return section if dot else "General"


def _told(entry: SettingReference) -> Iterator[str]:
    kind = "secret, " if KEYS[entry.key].secret else ""
    yield f"### {entry.key}\n"
    yield f"`{entry.variable}` — {kind}{entry.expected}; default `{entry.default}`\n"
    yield f"{_escaped(entry.comment)}\n"


def _escaped(comment: str) -> str:
    """As it stands in `settings.yaml`, where a star is a star."""
    return re.sub(r"([*_<\[\]`\\])", r"\\\1", comment)

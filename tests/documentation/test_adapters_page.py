"""What `docs/adapters.md` shows and lists is what there is."""

import re
from pathlib import Path

import photostore_testing
from photostore_adapters.outside.parts import PARTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/adapters.md").read_text(encoding="utf-8")


def test_the_example_that_is_shown_is_the_one_that_is_tested() -> None:
    shown = re.findall(r"<!-- (\S+) -->\n```python\n(.*?)```\n", PAGE, re.DOTALL)

    assert len(shown) == 3
    assert [path for path, code in shown if (ROOT / path).read_text(encoding="utf-8") != code] == []


def test_every_part_with_its_ports_and_every_promise_is_listed() -> None:
    promises = [name for name in photostore_testing.__all__ if name.endswith("Promises")]
    ports = [port.__name__ for part in PARTS.values() for port in (*part.ports, *part.further)]

    listed = [line for line in PAGE.splitlines() if line.startswith("| ")]

    for name in (*promises, *ports, *(f"ADAPTERS__{part.upper()}" for part in PARTS)):
        assert any(f"`{name}`" in line for line in listed), name

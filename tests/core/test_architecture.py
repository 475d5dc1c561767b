"""What the core is made of."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path

import photostore
from photostore.use_cases import USE_CASES

CORE = Path(photostore.__file__).parent


def imported_packages(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source.name} imports relatively"
            yield (node.module or "").partition(".")[0]


def test_the_core_imports_nothing_but_the_standard_library() -> None:
    imported = {package for source in CORE.rglob("*.py") for package in imported_packages(source)}

    assert imported - {"photostore"} <= sys.stdlib_module_names


def test_every_file_of_commands_holds_one_use_case_that_the_table_of_contents_names() -> None:
    files = {
        ".".join(path.relative_to(CORE.parent).with_suffix("").parts)
        for path in CORE.glob("*/commands/*.py")
        if path.name != "__init__.py"
    }

    assert sorted(use_case.__module__ for use_case in USE_CASES) == sorted(files)


def test_every_use_case_is_named_as_its_file_and_is_frozen() -> None:
    for use_case in USE_CASES:
        assert is_dataclass(use_case)
        assert use_case.__dataclass_params__.frozen, use_case  # type: ignore[attr-defined]
        file = use_case.__module__.rpartition(".")[2]
        assert use_case.__name__ == "".join(word.title() for word in file.split("_"))


def test_every_module_and_every_use_case_says_what_it_is() -> None:
    modules = [path for path in CORE.rglob("*.py") if path.read_text(encoding="utf-8").strip()]

    silent = [str(path) for path in modules if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None]

    assert silent == []
    assert [use_case for use_case in USE_CASES if not use_case.__doc__] == []

"""What every test may ask for. Each fixture lives in `fixtures/`, by the part of the world it starts."""

import gc
from pathlib import Path

import pytest

pytest_plugins = [
    "tests.fixtures.parts",
    "tests.fixtures.postgres",
    "tests.fixtures.s3",
    "tests.fixtures.redis",
    "tests.fixtures.oidc",
    "tests.fixtures.network",
]


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that at the end no process works alone: whole journeys, then what loads the whole program."""
    items.sort(key=lambda item: 0 if "e2e" in item.path.parts else 1 if item.path.parent == HERE else 2)


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()

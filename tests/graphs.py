"""Containers whose graph is made once: to build, check and compile one takes far longer than a test does."""

from asyncio import Lock
from collections.abc import Mapping
from functools import cache
from typing import Any

from dishka import STRICT_VALIDATION, AsyncContainer, Provider, Scope, make_async_container


def container_of(*providers: Provider, context: Mapping[Any, Any]) -> AsyncContainer:
    """A container of its own: what differs from test to test is in `context`, as the providers say `from_context`.

    Providers that are handed in again (the same objects) share what was compiled of them, and nothing that they made.
    """
    return _graph(providers)(dict(context), lock_factory=Lock, scope=Scope.APP)


@cache
def _graph(providers: tuple[Provider, ...]) -> AsyncContainer:
    """The scope around all tests, in which nothing is made."""
    return make_async_container(
        *providers, start_scope=Scope.RUNTIME, lock_factory=None, validation_settings=STRICT_VALIDATION
    )

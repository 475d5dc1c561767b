"""Requests whose JSON is refused rather than failed on, whatever is the matter with it."""

from typing import Any

from litestar import Request
from litestar.exceptions import ClientException

# Deep enough for any use, and far from where recursion ends.
_DEEPEST = 64


class StrictRequest(Request[Any, Any, Any]):
    async def json(self) -> Any:
        try:
            value = await super().json()
        except UnicodeDecodeError:
            raise ClientException("The body is not UTF-8.") from None
        except RecursionError:
            raise ClientException("The body is nested too deeply.") from None
        if _is_too_deep(value):
            raise ClientException(f"The body is nested more than {_DEEPEST} levels deep.")
        return value


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: object) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []

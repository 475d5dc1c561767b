"""Requests whose JSON is refused rather than failed on, whatever is the matter with it."""

import re
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, ValidationException

# Deep enough for any use, and far from where recursion ends.
_DEEPEST = 64
_PLACE = re.compile(r"(.*) - at `(?:key in )?\$\.?(.*)`", re.DOTALL)


class StrictRequest(Request[Any, Any, Any]):
    async def json(self) -> Any:
        """What the handler asks for, by the strict rules of JSON: `"1"` is no number and 0 no time."""
        try:
            value = await super().json()
        except UnicodeDecodeError:
            raise ClientException("The body is not UTF-8.") from None
        except RecursionError:
            raise ClientException("The body is nested too deeply.") from None
        if _is_too_deep(value):
            raise ClientException(f"The body is nested more than {_DEEPEST} levels deep.")
        data = self.route_handler.parsed_fn_signature.parameters.get("data")
        try:
            return value if data is None else msgspec.convert(value, data.annotation, strict=True)
        except msgspec.ValidationError as error:
            raise _invalid(str(error)) from None


def _invalid(text: str) -> ValidationException:
    placed = _PLACE.fullmatch(text)
    message, place = (placed[1], placed[2]) if placed else (text, "")
    return ValidationException(extra=[{"key": place or "data", "message": message}])


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

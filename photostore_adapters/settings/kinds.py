"""Reading one value as the kind that its key has. Text from the environment stays the very text that was set."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from .rules import Rule
from .secret import Secret

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_NULL = {"", "null", "none"}
_WORDS: dict[type[Any], str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    NoneType: "null",
    Path: "a path",
}
_NUMBER = re.compile(r"[0-9]{0,9}\.?[0-9]{1,9}", re.ASCII)
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}")


class WrongItem(ValueError):
    """An item of a list that has keys of its own; each mistake names the item and the key, and shows no value."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def read(kind: Any, raw: object) -> Any:
    """The value as its kind. Raise `ValueError` when it is not one; `expected` tells what it should be."""
    match get_origin(kind):
        case form if form is Annotated:
            return _read_ruled(kind, raw)
        case form if form in (Union, UnionType):
            return _read_any(get_args(kind), raw)
        case form if form is Literal:
            return _read_choice(get_args(kind), raw)
        case form if form is tuple:
            return _read_list(get_args(kind)[0], _items(raw))
        case _ if is_dataclass(kind):
            return _read_item(kind, raw)
        case _:
            return _read_plain(kind, raw)


def expected(kind: Any) -> str:
    """What a value of this kind looks like, in words that continue `should be`."""
    match get_origin(kind):
        case form if form is Annotated:
            base, *rules = get_args(kind)
            return " ".join([expected(base), *(rule.expected for rule in rules if isinstance(rule, Rule))])
        case form if form in (Union, UnionType):
            return " or ".join(expected(each) for each in sorted(get_args(kind), key=lambda each: each is not NoneType))
        case form if form is Literal:
            choices = ", ".join(map(str, get_args(kind)))
            return f"one of {choices}" if len(get_args(kind)) > 1 else choices
        case form if form is tuple:
            return f"a list, each item {expected(get_args(kind)[0])}"
        case _ if is_dataclass(kind):
            return f"with the keys {', '.join(each.name for each in fields(kind))}"
        case _:
            return _WORDS.get(kind, "text")


def is_secret(kind: Any) -> bool:
    """True when a value of this kind, or a part of it, must not be shown."""
    if is_dataclass(kind):
        return any(map(is_secret, get_type_hints(kind, include_extras=True).values()))
    if get_origin(kind) is None:
        return isinstance(kind, type) and issubclass(kind, Secret)
    return any(is_secret(each) for each in get_args(kind))


def is_nullable(kind: Any) -> bool:
    """True when the key may hold nothing."""
    return NoneType in get_args(kind)


def _read_list(kind: Any, items: list[object]) -> tuple[Any, ...]:
    found, mistakes = list[Any](), list[str]()
    for number, item in enumerate(items, start=1):
        try:
            found.append(read(kind, item))
        except WrongItem as wrong:
            mistakes += [f"item {number}: {mistake}" for mistake in wrong.mistakes]
    if mistakes:
        raise WrongItem(mistakes)
    return tuple(found)


def _read_item(kind: Any, raw: object) -> Any:
    """One item with keys of its own, none of them unknown and none without a value that has no default."""
    if not isinstance(raw, Mapping):
        raise WrongItem([f"it should be {expected(kind)}"])
    kinds = get_type_hints(kind, include_extras=True)
    mistakes = [f"{name} is not one of its keys{_nearest(str(name), kinds)}" for name in raw if name not in kinds]
    needed = [each.name for each in fields(kind) if each.default is MISSING and each.name not in raw]
    mistakes += [f"{name} is missing; it should be {expected(kinds[name])}" for name in needed]
    values = dict(_read_values({name: raw[name] for name in kinds if name in raw}, kinds, mistakes))
    if mistakes:
        raise WrongItem(mistakes)
    return kind(**values)


def _read_values(
    raw: Mapping[str, object], kinds: Mapping[str, Any], mistakes: list[str]
) -> Iterator[tuple[str, object]]:
    for name, value in raw.items():
        try:
            yield name, read(kinds[name], value)
        except (ValueError, RuntimeError):
            mistakes.append(f"{name} should be {expected(kinds[name])}")


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    found = get_close_matches(name, known, n=1)
    return f"; did you mean {found[0]}?" if found else ""


def _read_ruled(kind: Any, raw: object) -> Any:
    base, *rules = get_args(kind)
    value = read(base, raw)
    if not all(rule.accepts(value) for rule in rules if isinstance(rule, Rule)):
        raise ValueError
    return value


def _read_any(kinds: tuple[Any, ...], raw: object) -> Any:
    # Null is tried last, so that text which happens to be "null" stays text.
    for kind in sorted(kinds, key=lambda each: each is NoneType):
        try:
            return read(kind, raw)
        except ValueError:
            continue
    raise ValueError


def _read_choice(choices: tuple[Any, ...], raw: object) -> Any:
    for choice in choices:
        if isinstance(raw, str) and raw.strip().casefold() == choice.casefold():
            return choice
    raise ValueError


def _items(raw: object) -> list[object]:
    if isinstance(raw, list | tuple):
        return list(raw)
    if not isinstance(raw, str):
        raise ValueError
    if raw.lstrip().startswith("["):
        return list(json.loads(raw))
    return [item.strip() for item in raw.split(",") if item.strip()]


def _read_plain(kind: type[Any], raw: object) -> Any:
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(raw)
    if not isinstance(raw, str):
        raise ValueError
    raw.encode()  # a variable that is no UTF-8 is refused here, by a kind of ValueError
    return kind(raw)


def _read_null(raw: object) -> None:
    if raw is not None and not (isinstance(raw, str) and raw.strip().casefold() in _NULL):
        raise ValueError


def _read_bool(raw: object) -> bool:
    word = str(raw).strip().casefold()
    if isinstance(raw, bool) or (isinstance(raw, str) and word in _TRUE | _FALSE):
        return word in _TRUE
    raise ValueError


def _read_int(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and _WHOLE_NUMBER.fullmatch(raw.strip()):
        return int(raw)
    raise ValueError


def _read_float(raw: object) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    if isinstance(raw, str) and _NUMBER.fullmatch(raw.strip()):
        return float(raw)
    raise ValueError


def _read_path(raw: object) -> Path:
    if isinstance(raw, Path) or (isinstance(raw, str) and raw.strip()):
        return Path(raw).expanduser()
    raise ValueError


_READERS: dict[type[Any], Callable[[object], object]] = {
    NoneType: _read_null,
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    Path: _read_path,
}

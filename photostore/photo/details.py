"""What people say about a photo, and its limits."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from photostore.photo.errors import PhotoInvalid
from photostore.shared.errors import FieldError

TITLE_LIMIT = 500
DESCRIPTION_LIMIT = 10_000
FILENAME_LIMIT = 255
HASHTAGS_LIMIT = 100
CUSTOM_LIMIT_BYTES = 16_384

# Databases write numbers out, digit by digit: one with 300 of them would be 300 bytes long in every answer.
_LARGEST_NUMBER = 10**21

# An escape: after an odd number of backslashes. After an even number the backslash itself is what is escaped.
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def checked_text(field: str, text: str | None, limit: int) -> str | None:
    """`text` without the NULs that no database keeps; raise `PhotoInvalid` when it is longer than `limit` characters."""
    if text is None:
        return None
    clean = text.replace("\x00", "")
    if len(clean) > limit:
        raise PhotoInvalid(f"The {field} is too long.", errors=[FieldError(field, f"at most {limit} characters")])
    return clean


def checked_count(hashtags: Sequence[str]) -> None:
    if len(hashtags) > HASHTAGS_LIMIT:
        raise PhotoInvalid(
            "The photo would carry too many hashtags.",
            errors=[FieldError("hashtags", f"at most {HASHTAGS_LIMIT} on one photo")],
        )


def patched_custom(custom: Mapping[str, object], patch: Mapping[str, object] | None) -> dict[str, object]:
    """`custom` after a merge patch; `None` empties it."""
    try:
        merged = merge_patch(custom, patch)
        return checked_custom(merged if isinstance(merged, Mapping) else {})
    except (RecursionError, UnicodeEncodeError):
        raise _custom_invalid() from None


def checked_custom(custom: Mapping[str, object]) -> dict[str, object]:
    """A JSON object of at most 16 KiB that holds no NUL character."""
    text = json.dumps(custom, ensure_ascii=False, allow_nan=False)
    if any(abs(number) >= _LARGEST_NUMBER for number in _numbers(custom)):
        message = f"numbers must be smaller than {_LARGEST_NUMBER:.0e}"
        raise PhotoInvalid("The custom data cannot be kept.", errors=[FieldError("custom", message)])
    if len(text.encode()) > CUSTOM_LIMIT_BYTES or _ESCAPED_NUL.search(text):
        raise _custom_invalid()
    return dict(custom)


def _numbers(value: object) -> Iterator[int | float]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _numbers(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float):
        yield value


def _custom_invalid() -> PhotoInvalid:
    message = f"at most {CUSTOM_LIMIT_BYTES} bytes of JSON, neither nested without end nor with NUL characters"
    return PhotoInvalid("The custom data cannot be kept.", errors=[FieldError("custom", message)])


def merge_patch(target: object, patch: object) -> object:
    """`target` changed as a JSON merge patch says (RFC 7396, section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def clean_filename(name: str | None) -> str:
    """The last segment of a client's path, fit to be shown: `photo` when nothing is left of it."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(character for character in last if character.isprintable()).strip()
    if len(shown) > FILENAME_LIMIT:
        stem, dot, extension = shown.rpartition(".")
        kept = dot + extension if stem and len(extension) <= 16 else ""
        shown = shown[: FILENAME_LIMIT - len(kept)] + kept
    return shown or "photo"

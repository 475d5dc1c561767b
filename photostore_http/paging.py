"""Lists: limits, opaque cursors, links to the next page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, unquote_plus

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter
from msgspec import Struct

from photostore.shared.errors import FieldError, Malformed

Item = TypeVar("Item")
Position = TypeVar("Position")

DEFAULT_LIMIT = 50
# What may stand in a query (RFC 3986, 3.4), and the sign of what is encoded already.
_QUERY = "!$&'()*+,;=:@/?%-._~"
_TOO_LARGE = 1 << 63
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many items a page has at most.")]
CursorText = Annotated[
    str | None, QueryParameter(description="The `next_cursor` of the page before; opaque.", max_length=1000)
]


class BadCursor(Malformed):
    title = "The cursor is none of this list's."


class BadParameter(Malformed):
    title = "A query parameter is not as it should be."


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None


def encode_cursor(position: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, kind: type[Position]) -> Position | None:
    """Raise `BadCursor` for anything that this list did not give out."""
    if cursor is None:
        return None
    try:
        told = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position = msgspec.json.decode(told, type=kind)
        is_storable = _is_storable(msgspec.json.decode(told))
    except (ValueError, msgspec.MsgspecError):
        raise bad_cursor() from None
    if not is_storable:
        raise bad_cursor()
    return position


def _is_storable(told: Any) -> bool:
    """Whether no number in it is larger than a column holds."""
    if isinstance(told, int):
        return -_TOO_LARGE <= told < _TOO_LARGE
    parts = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return all(_is_storable(each) for each in parts)


def bad_cursor() -> BadCursor:
    return BadCursor("The cursor is none of this list's.", errors=[FieldError("cursor", "not valid")])


def link_next(request: Request[Any, Any, Any], cursor: str | None) -> dict[str, str]:
    """The `Link` header (RFC 8288) to the next page: the same query with its cursor."""
    if cursor is None:
        return {}
    sent = request.scope["query_string"].decode("latin-1").split("&")
    kept = [pair for pair in sent if pair and unquote_plus(pair.partition("=")[0]) != "cursor"]
    query = quote("&".join([*kept, f"cursor={cursor}"]), safe=_QUERY)
    return {"Link": f'<{request.scope["path"]}?{query}>; rel="next"'}


def page_of(
    request: Request[Any, Any, Any], items: Sequence[Item], *, limit: int, position: Callable[[Item], object]
) -> Response[Page[Item]]:
    """The page of `limit` items, of which one more was asked for: so it is known whether there is a next page."""
    shown = list(items[:limit])
    next_cursor = encode_cursor(position(shown[-1])) if len(items) > limit else None
    return Response(Page(items=shown, next_cursor=next_cursor), headers=link_next(request, next_cursor))

"""Query parameters that no route knows are refused, not ignored: a misspelt filter would silently show everything."""

import re
from collections.abc import Callable, Mapping, Set
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.constants import RESERVED_KWARGS
from litestar.handlers import HTTPRouteHandler
from litestar.typing import FieldDefinition

from photostore.shared.errors import FieldError
from photostore_http.paging import BadParameter

# The decoder would take numbers for seconds since 1970.
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# And `1e1` for a whole number.
_WHOLE = re.compile(r"-?[0-9]{1,18}\Z")


async def known_parameters(request: Request[Any, Any, Any]) -> None:
    """Before every handler; `opt={"any_query": True}` opens one to whatever comes."""
    handler = request.route_handler
    if not request.scope["query_string"] or handler.opt.get("any_query"):
        return
    known = _known_of(handler, in_path=request.path_params.keys())
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise _refused("An unknown query parameter.", name, f"known are {listed}")
        if name in seen and list not in known[name]:
            raise _refused("A query parameter is there twice.", name, "only once")
        if "\x00" in value:
            raise _refused("A query parameter holds a NUL.", name, "must not hold a NUL")
        if datetime in known[name] and not _DAY.match(value):
            raise _refused("A query parameter is no time.", name, "must be a time of RFC 3339")
        if int in known[name] and not _WHOLE.match(value):
            raise _refused("A query parameter is no number.", name, "must be a whole number")
        # The decoder would take it for a parameter that was left out.
        if value == "null" and str not in known[name]:
            raise _refused("A query parameter has no value.", name, "leave it out instead")
        seen.add(name)


def _refused(detail: str, name: str, message: str) -> BadParameter:
    return BadParameter(detail, errors=[FieldError(name[:80], message)])


_known: dict[Callable[..., Any], Mapping[str, frozenset[type]]] = {}


def _known_of(handler: HTTPRouteHandler, *, in_path: Set[str]) -> Mapping[str, frozenset[type]]:
    """The parameters, each with the types that it may have. Of several paths of a handler each has the same ones in it."""
    known = _known.get(handler.fn)
    if known is None:
        parameters = handler.parsed_fn_signature.parameters
        names = parameters.keys() - in_path - RESERVED_KWARGS
        known = {_told_as(name, parameters[name]): frozenset(_types_of(parameters[name])) for name in names}
        _known[handler.fn] = known
    return known


def _told_as(name: str, field: FieldDefinition) -> str:
    """Where the framework keeps a name to itself, the query calls the parameter otherwise than the handler does."""
    return getattr(field.kwarg_definition, "name", None) or name


def _types_of(field: FieldDefinition) -> set[type]:
    return {field.origin or field.annotation}.union(*(_types_of(inner) for inner in field.inner_types))

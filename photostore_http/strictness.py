"""Query parameters that no route knows are refused, not ignored: a misspelt filter would silently show everything."""

from collections.abc import Callable
from typing import Any

from litestar import Request
from litestar.constants import RESERVED_KWARGS
from litestar.handlers import HTTPRouteHandler

from photostore.shared.errors import FieldError
from photostore_http.paging import BadParameter


async def known_parameters(request: Request[Any, Any, Any]) -> None:
    """Before every handler; `opt={"any_query": True}` opens one to whatever comes."""
    handler = request.route_handler
    if not request.scope["query_string"] or handler.opt.get("any_query"):
        return
    known = _known_of(handler)
    for name in request.query_params:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise BadParameter("An unknown query parameter.", errors=[FieldError(name[:80], f"known are {listed}")])


_known: dict[Callable[..., Any], frozenset[str]] = {}


def _known_of(handler: HTTPRouteHandler) -> frozenset[str]:
    known = _known.get(handler.fn)
    if known is None:
        parameters = handler.parsed_fn_signature.parameters
        path = {name.split(":")[0] for each in handler.paths for name in each.split("{")[1:]}
        known = _known[handler.fn] = frozenset(parameters.keys() - path - RESERVED_KWARGS)
    return known

"""`/s/{token}/api/...`: the share's API for the page's own scripts, which cannot read the cookie that unlocks it."""

import re
from typing import Any

from photostore_http.gallery.own_page import is_own_script, unlocked_by

_BELOW_THE_PAGE = re.compile(r"/s/([^/]+)/api(/.*)?")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def through_the_page(scope: Any) -> None:
    """Lead a request of the page's to `/api/v1/public/{token}/...`, with its cookie as the bearer token.

    What would change something and comes from another page is led nowhere: it is a 404, as every path that is not there.
    """
    below = _BELOW_THE_PAGE.fullmatch(scope["path"])
    if below is None:
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["method"] not in _SAFE and not is_own_script(headers):
        return
    scope["path"] = f"/api/v1/public/{below[1]}{below[2] or ''}"
    scope["raw_path"] = scope["path"].encode()
    token = unlocked_by(headers.get("cookie", ""))
    kept = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
    scope["headers"] = kept if token is None else [*kept, (b"authorization", f"Bearer {token}".encode("latin-1"))]

"""Files that pages of this service are made of: served from a URL that changes with them, so that they can be kept for ever."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources.abc import Traversable
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from photostore_http.conditions import names_tag

_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is and compressed."""

    content: bytes
    compressed: bytes
    media_type: str
    etag: str


class StaticFiles:
    """The files of `folder` that `media_types` names, and no other. They are read when the first one is asked for."""

    def __init__(self, folder: Traversable, media_types: Mapping[str, str]) -> None:
        self._folder = folder
        self._media_types = media_types

    @cached_property
    def version(self) -> str:
        """Of all of them together: another one when one of them changes."""
        return sha256("".join(asset.etag for asset in self.assets.values()).encode()).hexdigest()[:12]

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        return {name: self._read(name, media_type) for name, media_type in self._media_types.items()}

    def _read(self, name: str, media_type: str) -> Asset:
        content = self._folder.joinpath(*name.split("/")).read_bytes()
        return Asset(content, gzip.compress(content, 9, mtime=0), media_type, sha256(content).hexdigest()[:16])

    def answer(self, request: Request[Any, Any, Any], version: str, name: str) -> Response[bytes | None]:
        """The file of this version, compressed where the client takes it so; 404 for any other."""
        asset = self.assets.get(name.removeprefix("/"))
        if asset is None or version != self.version:
            raise NotFoundException
        compressed = "gzip" in request.headers.get("accept-encoding", "")
        etag = f'"{asset.etag}-gzip"' if compressed else f'"{asset.etag}"'
        headers = {"ETag": etag, "Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if names_tag(request, etag):
            return Response(None, status_code=304, headers=headers)
        if compressed:
            headers["Content-Encoding"] = "gzip"
        content = asset.compressed if compressed else asset.content
        return Response(content, media_type=asset.media_type, headers=headers)

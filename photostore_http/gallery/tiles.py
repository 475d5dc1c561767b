"""What the page shows of a photo, made of the same documents that the API's clients read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

_ALTERNATIVE_LENGTH = 150
# The best first. What a browser takes of them it finds by itself.
_FORMATS = ("image/avif", "image/webp", "image/jpeg")
# Panoramas and strips would have a row or a screen to themselves.
_NARROWEST, _WIDEST = 0.45, 3.0


class SharedRendition(Protocol):
    """A smaller picture of a shared photo. `url` needs no header."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def content_type(self) -> str: ...
    @property
    def url(self) -> str | None: ...


class SharedPhoto(Protocol):
    """A photo as a visitor may see it."""

    @property
    def id(self) -> UUID: ...
    @property
    def filename(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    @property
    def description(self) -> str | None: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def taken_at(self) -> datetime | None: ...
    @property
    def status(self) -> str: ...
    @property
    def placeholder(self) -> str | None: ...
    @property
    def renditions(self) -> Sequence[SharedRendition]: ...
    @property
    def file_url(self) -> str | None: ...


class Source(Struct, frozen=True, kw_only=True, gc=False):
    """The sizes of a picture in one format, as `srcset` names them."""

    content_type: str
    srcset: str
    url: str


class Tile(Struct, frozen=True, kw_only=True):
    """A photo of the grid. `sources` are the formats, the best first; none while the photo is being prepared.

    `ratio` is width by height, within what a row can hold.
    """

    id: UUID
    filename: str
    title: str | None
    description: str | None
    width: int
    height: int
    ratio: float
    taken_at: datetime | None
    status: str
    placeholder: str | None
    sources: list[Source]
    file_url: str | None

    @property
    def name(self) -> str | None:
        """What it is called by who shared it, short enough to be read out."""
        told = self.title or self.description
        return told and (told if len(told) <= _ALTERNATIVE_LENGTH else f"{told[:_ALTERNATIVE_LENGTH].rstrip()} …")

    @property
    def download_url(self) -> str | None:
        """To be saved, not shown."""
        return self.file_url and f"{self.file_url}&download=1"

    @property
    def best(self) -> Source | None:
        """For browsers that know how to choose no format: the last is known by the most of them."""
        return self.sources[-1] if self.sources else None


def tile_of(photo: SharedPhoto) -> Tile:
    return Tile(
        id=photo.id,
        filename=photo.filename,
        title=photo.title,
        description=photo.description,
        width=photo.width,
        height=photo.height,
        ratio=round(min(max(photo.width / photo.height, _NARROWEST), _WIDEST), 3),
        taken_at=photo.taken_at,
        status=photo.status,
        placeholder=photo.placeholder,
        sources=_sources(photo.renditions),
        file_url=photo.file_url,
    )


def _sources(renditions: Sequence[SharedRendition]) -> list[Source]:
    sources: list[Source] = []
    for content_type in _FORMATS:
        sizes = sorted(
            (each.width, each.url) for each in renditions if each.content_type == content_type and each.url is not None
        )
        if sizes:
            srcset = ", ".join(f"{url} {width}w" for width, url in sizes)
            sources.append(Source(content_type=content_type, srcset=srcset, url=sizes[-1][1]))
    return sources

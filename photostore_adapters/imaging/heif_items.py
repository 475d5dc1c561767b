"""The tables in HEIF's `meta` box (ISO/IEC 23008-12): items, where their bytes lie, and what is known of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from photostore_adapters.imaging.boxes import boxes
from photostore_adapters.imaging.reading import BrokenPictureError, Cursor, InMemory, TruncatedPicture, Window

_MAX_PROPERTIES = 64
_MAX_EXTENTS = 1024
_MAX_NAMES = 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item's bytes lie: in the file (0), or in the `idat` box (1)."""

    method: int
    extents: tuple[tuple[int, int], ...]


class ItemTables:
    """Reads only what is asked for, so that thousands of tiles cost nothing."""

    def __init__(self, file: Window, meta: Window) -> None:
        self._file = file
        self._parts: dict[bytes, Window] = {}
        for kind, content in boxes(meta, start=4):
            self._parts.setdefault(kind, content)

    def primary(self) -> int:
        cursor = Cursor(self._part(b"pitm"))
        (version,) = cursor.fields("B3x")
        return cursor.number(4 if version else 2)

    def kinds(self) -> dict[int, bytes]:
        """The kind of every item."""
        found: dict[int, bytes] = {}
        for item, cursor in self._items():
            found.setdefault(item, cursor.take(4))
        return found

    def of_mime_type(self, wanted: bytes) -> list[int]:
        """The items that are files in the file."""
        found: list[int] = []
        for item, cursor in self._items():
            if cursor.take(4) == b"mime" and cursor.remaining <= _MAX_NAMES:
                names = cursor.take(cursor.remaining).split(b"\0")  # the item's own name comes first
                if len(names) > 1 and names[1] == wanted:
                    found.append(item)
        return found

    def _items(self) -> Iterator[tuple[int, Cursor]]:
        table = self._part(b"iinf")
        (version,) = Cursor(table).fields("B3x")
        for kind, content in boxes(table, start=8 if version else 6):
            if kind == b"infe":
                cursor = Cursor(content)
                (version,) = cursor.fields("B3x")
                if version >= 2:
                    item = cursor.number(4 if version > 2 else 2)
                    cursor.take(2)
                    yield item, cursor

    def properties(self, item: int) -> list[tuple[bytes, Window]]:
        """The item's properties, in the order in which they apply."""
        parts = dict(reversed(list(boxes(self._part(b"iprp")))))
        if b"ipco" not in parts or b"ipma" not in parts:
            raise BrokenPictureError("its items have no properties")
        indexes = _associations(parts[b"ipma"], item)
        known = list(boxes(parts[b"ipco"]))
        if any(index > len(known) for index in indexes):
            raise BrokenPictureError("an item has a property that does not exist")
        return [known[index - 1] for index in indexes if index]

    def places(self, wanted: set[int]) -> dict[int, Place]:
        cursor = Cursor(self._part(b"iloc"))
        version, sizes = cursor.fields("B3xH")
        offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
        index_size = sizes & 15 if version else 0
        wide = 4 if version > 1 else 2
        found: dict[int, Place] = {}
        for _ in range(cursor.number(wide)):
            item = cursor.number(wide)
            method = cursor.number(2) & 15 if version else 0
            cursor.take(2)
            base, count = cursor.number(base_size), cursor.number(2)
            width = index_size + offset_size + length_size
            if item in wanted and item not in found and count <= _MAX_EXTENTS:
                row = Cursor(InMemory(cursor.take(count * width)))
                extents = (
                    (row.number(index_size), row.number(offset_size), row.number(length_size)) for _ in range(count)
                )
                found[item] = Place(method, tuple((base + offset, length) for _, offset, length in extents))
            else:
                cursor.position += count * width
        return found

    def bytes_of(self, place: Place, *, most: int) -> bytes:
        """The first bytes of an item."""
        parts: list[bytes] = []
        for offset, length in place.extents:
            parts.append(self._container(place).read(offset, min(length, most)))
            most -= len(parts[-1])
        return b"".join(parts)

    def window_of(self, place: Place) -> Window | None:
        """The item's bytes, unread, where they lie in one piece."""
        if len(place.extents) != 1:
            return None
        ((offset, length),) = place.extents
        return self._container(place).inner(offset, length)

    def check(self, place: Place) -> None:
        """Raise `TruncatedPicture` when the item's bytes are not all there."""
        size = self._container(place).byte_size
        if any(offset + length > size for offset, length in place.extents):
            raise TruncatedPicture("it is cut short")

    def _container(self, place: Place) -> Window:
        if place.method > 1:
            raise BrokenPictureError("an item is made of other items' bytes")
        return self._part(b"idat") if place.method else self._file

    def _part(self, kind: bytes) -> Window:
        if kind not in self._parts:
            raise BrokenPictureError(f"its {kind.decode()} box is missing")
        return self._parts[kind]


def _associations(table: Window, wanted: int) -> list[int]:
    cursor = Cursor(table)
    version, flags = cursor.fields("B2xB")
    size = 2 if flags & 1 else 1
    for _ in range(cursor.number(4)):
        item = cursor.number(4 if version else 2)
        count = cursor.number(1)
        if item == wanted:
            mask = 0x7FFF if size == 2 else 0x7F
            return [cursor.number(size) & mask for _ in range(min(count, _MAX_PROPERTIES))]
        cursor.position += count * size
    return []

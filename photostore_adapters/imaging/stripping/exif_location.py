"""Taking the place out of EXIF without moving anything else: makers' notes point into the block by absolute offsets.

A directory loses the rows that tell a place; the rows after them move up, and noughts fill the end. The values that the
rows pointed at become noughts where they lie. Whatever cannot be followed makes the whole block unfit to stay.
"""

from itertools import pairwise

from photostore_adapters.imaging.reading import BrokenPictureError, TruncatedPicture
from photostore_adapters.imaging.stripping.assembling import Patch, difference
from photostore_adapters.imaging.stripping.exif_rows import TEXTS, ExifBytes, Row
from photostore_adapters.imaging.stripping.maker_notes import may_stay
from photostore_adapters.imaging.stripping.places import tells_place

_MAKE, _MODEL, _EXIF, _GPS, _MAKER_NOTE, _INTEROPERABILITY, _SUBDIRECTORIES = (
    0x10F, 0x110, 0x8769, 0x8825, 0x927C, 0xA005, 0x14A,
)  # fmt: skip
_BELOW = {_EXIF, _INTEROPERABILITY, _SUBDIRECTORIES}
# XMP, IPTC and Photoshop's blocks, which have places of their own; DNG's private data; GeoTIFF's.
_NEVER = {0x2BC, 0x83BB, 0x8649, 0xC634, 0x830E, 0x8482, 0x85D8, 0x87AF, 0x87B0, 0x87B1, 0xA480}
_MAX_ROWS, _MAX_DIRECTORIES = 4096, 64
# A preview, in the block or in a maker's note, that has metadata of its own.
_NESTED = (b"Exif\0\0", b"ns.adobe.com/", b"Photoshop 3.0\0")


def without_location(content: bytes) -> list[Patch]:
    """What to overwrite in the TIFF `content`. Raise `BrokenPictureError` when nobody can tell: then it must go."""
    editor = _Editor(content)
    editor.clean()
    return editor.patches()


class _Editor:
    def __init__(self, content: bytes) -> None:
        self._exif = ExifBytes(content)
        self._after = bytearray(content)
        self._directories: dict[int, int] = {}  # where they begin and end
        self._cleared: list[tuple[int, int]] = []
        self._rows_left = _MAX_ROWS
        self._make = b""

    def clean(self) -> None:
        following = self._clean_directory(self._rows(self._exif.first_offset), self._exif.first_offset)
        while following and following not in self._directories:
            try:
                rows = self._rows(following)
            except TruncatedPicture:
                return  # leads nowhere, as in many a good file
            if not all(row.is_known for row in rows):
                raise BrokenPictureError("what should be a directory is none")
            following = self._clean_directory(rows, following)

    def patches(self) -> list[Patch]:
        kept = [(0, 8), *sorted(self._directories.items())]
        if any(following[0] < before[1] for before, following in pairwise(kept)):
            raise BrokenPictureError("its directories lie over each other")
        if any(start < stop and begin < end for start, end in kept for begin, stop in self._cleared):
            raise BrokenPictureError("what is to go lies over what is to stay")
        after = bytes(self._after)
        if any(sign in after[8:] for sign in _NESTED):
            raise BrokenPictureError("it has metadata within metadata")
        return difference(self._exif.content, after, [*self._directories.items(), *self._cleared])

    def _rows(self, offset: int) -> list[Row]:
        rows = self._exif.rows(offset)
        self._rows_left -= len(rows) + 1
        if self._rows_left < 0 or len(self._directories) > _MAX_DIRECTORIES:
            raise BrokenPictureError("it has too many directories, or too much in them")
        return rows

    def _clean_directory(self, rows: list[Row], offset: int) -> int:
        """The offset of the next one. Its four bytes move up with the rows; not all writers have them after the last."""
        end = offset + 2 + 12 * len(rows)
        self._directories[offset] = end
        following = self._exif.next_after(end)
        kept = [row.raw for row in rows if self._stays(row)]
        if len(kept) < len(rows):
            table = self._exif.packed(len(kept)) + b"".join(kept) + self._exif.content[end : end + 4]
            self._after[offset:end] = table.ljust(end - offset, b"\0")
        return following

    def _stays(self, row: Row) -> bool:
        if row.tag == _GPS:
            self._clear_gps(row)
            return False
        if row.tag in _BELOW:
            return self._stays_below(row)
        stays = self._is_placeless(row)
        if not stays:
            self._clear_value(row)
        return stays

    def _stays_below(self, row: Row) -> bool:
        """Previews and the like may lead nowhere; the camera's own directory must not."""
        try:
            for offset in self._exif.pointers(row):
                if offset not in self._directories:
                    self._clean_directory(self._rows(offset), offset)
        except TruncatedPicture:
            if row.tag == _EXIF:
                raise
            return False
        return True

    def _is_placeless(self, row: Row) -> bool:
        if row.tag == _MAKE:
            self._make = self._exif.value(row)
        if row.tag in {_MAKE, _MODEL}:  # a camera may be called so
            return True
        if row.tag == _MAKER_NOTE:
            return self._exif.holds(row) and may_stay(self._exif.value(row), self._make)
        if row.tag in _NEVER or not row.is_known:
            return False
        return row.kind not in TEXTS or not tells_place(self._exif.value(row))

    def _clear_gps(self, row: Row) -> None:
        for offset in self._exif.pointers(row):
            rows = self._rows(offset) if offset else []
            for inner in rows:
                if not (inner.is_known and self._exif.holds(inner)):
                    raise BrokenPictureError("a position has a value that cannot be found")
                self._clear_value(inner)
            if offset:
                self._clear(offset, offset + 2 + 12 * len(rows))

    def _clear_value(self, row: Row) -> None:
        if row.size > 4 and self._exif.holds(row):
            self._clear(row.start, row.start + row.size)

    def _clear(self, start: int, stop: int) -> None:
        self._cleared.append((start, stop))
        self._after[start:stop] = bytes(stop - start)

"""IPTC-IIM: datasets of records, by themselves or among Photoshop's resources."""

from collections.abc import Iterator, Sequence

from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.png_texts import IPTC, profiles_in
from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.texts import decoded

CHARACTER_SET, KEYWORDS, DATE_CREATED, TIME_CREATED = (1, 90), (2, 25), (2, 55), (2, 60)
Datasets = dict[tuple[int, int], list[str]]

_PHOTOSHOP, _RESOURCE, _IPTC_RESOURCE = b"Photoshop 3.0\0", b"8BIM", 0x0404
_WANTED = {CHARACTER_SET, KEYWORDS, DATE_CREATED, TIME_CREATED}
_KINDS = {BlockKind.IPTC, BlockKind.PHOTOSHOP, BlockKind.JPEG_APP13}
_UTF_8 = b"\x1b%G"
_MAX_BYTES = 1024 * 1024
_MAX_RESOURCES = 1000
_MAX_DATASETS = 4096


def iptc_in(blocks: Sequence[Block]) -> Datasets:
    """The wanted ones. UTF-8 is believed where it is valid, told or not; a set of characters other than it, as Latin-1."""
    rows = [row for content in _contents(blocks) for row in _rows(content)]
    told = next((value for key, value in rows if key == CHARACTER_SET), _UTF_8)
    found: Datasets = {}
    for key, value in rows:
        found.setdefault(key, []).append(decoded(value) if told == _UTF_8 else value.decode("latin-1"))
    return found


def _contents(blocks: Sequence[Block]) -> Iterator[bytes]:
    resources = b""
    for block in blocks:
        if block.kind not in _KINDS:
            continue
        try:
            content = block.read(most=_MAX_BYTES)
        except BrokenPictureError:
            continue
        if block.kind is BlockKind.IPTC:
            yield content
        elif block.kind is BlockKind.PHOTOSHOP or content.startswith(_PHOTOSHOP):
            resources += content.removeprefix(_PHOTOSHOP)  # a large one goes on in the next segment
    for profile in profiles_in(blocks, IPTC):
        yield from _of_resources(profile) if profile.startswith(_RESOURCE) else [profile]
    yield from _of_resources(resources)


def _of_resources(content: bytes) -> Iterator[bytes]:
    """A resource is an id, a name and its bytes, both padded to an even length."""
    position = 0
    for _ in range(_MAX_RESOURCES):
        if content[position : position + 4] != _RESOURCE or position + 12 > len(content):
            return
        kind = int.from_bytes(content[position + 4 : position + 6], "big")
        start = position + 6 + (content[position + 6] + 2) // 2 * 2
        length = int.from_bytes(content[start : start + 4], "big")
        if kind == _IPTC_RESOURCE:
            yield content[start + 4 : start + 4 + length]
        position = start + 4 + (length + 1) // 2 * 2


def _rows(content: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    position = 0
    for _ in range(_MAX_DATASETS):
        if content[position : position + 1] != b"\x1c" or position + 5 > len(content):
            return
        key, length = (
            (content[position + 1], content[position + 2]),
            int.from_bytes(content[position + 3 : position + 5]),
        )
        if length & 0x8000 or position + 5 + length > len(content):
            return  # longer than 32,767 bytes: a picture, not a word
        if key in _WANTED:
            yield key, content[position + 5 : position + 5 + length]
        position += 5 + length

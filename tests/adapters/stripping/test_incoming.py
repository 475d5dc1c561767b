"""Parsers, fed as the network pleases: where chunks end makes no difference."""

from collections.abc import Callable

import pytest

from photostore.photo.metadata_policy import CleanCopy, MetadataPolicy
from photostore_adapters.imaging.reading import BrokenPictureError, TruncatedPicture
from photostore_adapters.imaging.stripping.gif import clean_gif
from photostore_adapters.imaging.stripping.incoming import Incoming, Parsing
from photostore_adapters.imaging.stripping.jpeg import clean_jpeg
from photostore_adapters.imaging.stripping.png import clean_png
from photostore_adapters.imaging.stripping.webp import clean_webp
from tests.adapters.stripping.cleaning import NO_LOCATION, XMP_SIGNATURE, jpeg_with, located_exif, segment, xmp
from tests.pictures import a_gif, a_jpeg, a_png, a_webp

Cleaner = Callable[[Incoming, MetadataPolicy], Parsing[CleanCopy]]

PICTURES: dict[str, tuple[Cleaner, bytes]] = {
    "JPEG": (
        clean_jpeg,
        jpeg_with(
            segment(0xE1, located_exif(orientation=6)), segment(0xE1, XMP_SIGNATURE + xmp(b'exif:GPSLatitude="48"'))
        ),
    ),
    "progressive JPEG": (clean_jpeg, a_jpeg(90, 80, progressive=True)),
    "JPEG full of stuffing": (clean_jpeg, a_jpeg()[:-2] + b"\xff\0\xff\xd0" * 20 + b"\xff\xff\xff\xd9"),
    "PNG": (clean_png, a_png(exif=located_exif())),
    "WebP": (clean_webp, a_webp(exif=located_exif())),
    "animated WebP": (clean_webp, a_webp(exif=located_exif(), frames=3)),
    "GIF": (clean_gif, a_gif(frames=3)),
    "GIF without a trailer": (clean_gif, a_gif(300, 200)[:-1]),
}


def fed(cleaner: Cleaner, content: bytes, size: int) -> CleanCopy:
    parsing = cleaner(Incoming(), NO_LOCATION)
    next(parsing)
    try:
        for start in range(0, len(content), size):
            parsing.send(content[start : start + size])
        while True:
            parsing.send(b"")
    except StopIteration as done:
        copy: CleanCopy = done.value
        return copy


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
def test_chunks_of_any_size_give_the_same_copy(kind: str, size: int) -> None:
    cleaner, content = PICTURES[kind]

    assert fed(cleaner, content, size) == fed(cleaner, content, len(content))


@pytest.mark.parametrize("kind", [kind for kind in PICTURES if not kind.startswith("GIF")])
def test_a_picture_cut_short_anywhere_is_never_taken_for_whole(kind: str) -> None:
    cleaner, content = PICTURES[kind]

    for length in range(0, len(content) - 1, 7):
        with pytest.raises(BrokenPictureError):
            fed(cleaner, content[:length], 64)


def test_what_is_not_there_cannot_be_taken() -> None:
    parsing = Incoming().take(5)
    next(parsing)
    parsing.send(b"four")

    with pytest.raises(TruncatedPicture):
        parsing.send(b"")

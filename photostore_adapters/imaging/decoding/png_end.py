"""Whether a PNG is all there: the decoder has the same words for bytes that are missing and for bytes that are wrong."""

from photostore_adapters.imaging.reading import BrokenPictureError, TruncatedPicture, View

_MAX_CHUNKS = 1_000_000


def demand_end(view: View) -> None:
    """Raise `TruncatedPicture` when the file ends before the chunk that ends it. Noise between chunks is the decoder's."""
    position = 8
    for _ in range(_MAX_CHUNKS):
        if position + 8 > view.byte_size:
            raise TruncatedPicture("it is cut short")
        head = view.read(position, 8)
        if head[4:] == b"IEND" or not head[4:].isalpha():
            return
        position += int.from_bytes(head[:4], "big") + 12
    raise BrokenPictureError("it has too many chunks")

"""What decoders say, in one table of what it means."""

from collections.abc import Iterator
from contextlib import contextmanager

import rawpy

from photostore.photo.picture import Failure
from photostore_adapters.imaging.decoding.task import Undecodable
from photostore_adapters.imaging.decoding.vips import VipsError
from photostore_adapters.imaging.reading import BrokenPictureError, TruncatedPicture

# The first line that a message holds decides. In lower case.
_MEANINGS = (
    ("maximum image size", Failure.TOO_MANY_PIXELS),
    ("security limit exceeded: number of", Failure.CORRUPT),
    ("out of memory", Failure.OUT_OF_MEMORY),
    ("memory allocation error", Failure.OUT_OF_MEMORY),
    ("unable to allocate", Failure.OUT_OF_MEMORY),
    ("compression scheme", Failure.UNSUPPORTED_COMPRESSION),
    ("compression support is not configured", Failure.UNSUPPORTED_COMPRESSION),
    ("compression algorithm", Failure.UNSUPPORTED_COMPRESSION),
    ("unsupported codec", Failure.UNSUPPORTED_COMPRESSION),
    ("unsupported compression", Failure.UNSUPPORTED_COMPRESSION),
    ("sof type", Failure.UNSUPPORTED_COMPRESSION),
    ("arithmetic", Failure.UNSUPPORTED_COMPRESSION),
    ("premature end", Failure.TRUNCATED),
    ("unexpected end", Failure.TRUNCATED),
    ("end of file", Failure.TRUNCATED),
    ("not enough data", Failure.TRUNCATED),
    ("truncated", Failure.TRUNCATED),
    ("; got ", Failure.TRUNCATED),
    ("seek error", Failure.TRUNCATED),
    ("input/output error", Failure.TRUNCATED),
    ("unsupported marker", Failure.CORRUPT),
    ("unsupported", Failure.UNSUPPORTED_FEATURE),
    ("not supported", Failure.UNSUPPORTED_FEATURE),
    ("not implemented", Failure.UNSUPPORTED_FEATURE),
    ("not configured", Failure.UNSUPPORTED_FEATURE),
    ("can not handle", Failure.UNSUPPORTED_FEATURE),
    ("cannot handle", Failure.UNSUPPORTED_FEATURE),
)
_SHOWN = 200


@contextmanager
def blaming_the_picture() -> Iterator[None]:
    """Around code that reads the picture and nothing else: what decoders raise is the picture's fault.

    Running out of memory passes as `MemoryError`, whoever noticed it.
    """
    try:
        yield
    except (Undecodable, MemoryError):
        raise
    except OSError as error:
        if error.errno is not None:  # the disk's fault; Pillow's errors have no number
            raise
        raise _undecodable(_words(error)) from error
    except BrokenPictureError as broken:
        truncated = isinstance(broken, TruncatedPicture)
        raise Undecodable(Failure.TRUNCATED if truncated else Failure.CORRUPT, f"It is broken: {broken}.") from broken
    except rawpy.LibRawUnsufficientMemoryError as error:
        raise MemoryError(str(error)) from error
    except (
        VipsError,
        RuntimeError,
        rawpy.LibRawError,
        rawpy.NotSupportedError,
        ValueError,
        EOFError,
        SyntaxError,
    ) as error:
        raise _undecodable(_words(error)) from error


def meaning_of(message: str) -> Failure:
    """Of what is in no line, all that is known is that the decoder would not go on."""
    lowered = message.lower()
    return next((failure for words, failure in _MEANINGS if words in lowered), Failure.CORRUPT)


def _undecodable(message: str) -> Exception:
    failure = meaning_of(message)
    if failure is Failure.OUT_OF_MEMORY:
        return MemoryError(message)
    return Undecodable(failure, f"The decoder says: {message[:_SHOWN]}.")


def _words(error: Exception) -> str:
    """On one line, without what libvips begins with: the call that failed. LibRaw's messages come as bytes."""
    first = error.args[0] if error.args else ""
    text = first.decode(errors="replace") if isinstance(first, bytes) else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("unable to ")] or lines
    return "; ".join(said).removesuffix(".") or type(error).__name__

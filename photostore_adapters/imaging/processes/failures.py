"""Telling why a decode failed from how its process ended."""

import signal

from photostore.photo.decoding import PictureUndecodable
from photostore.photo.picture import Failure
from photostore_adapters.imaging.processes.settings import DecoderSettings

_OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGALRM}
# What glib and the C++ runtime say before they abort.
_MEMORY_WORDS = ("failed to allocate", "could not allocate", "cannot allocate memory", "bad_alloc", "memoryerror")


def why_it_ended(ended: int, last_words: str) -> Failure:
    """`ended` as `subprocess` tells it."""
    if ended in _OUT_OF_TIME:
        return Failure.TIMED_OUT
    if any(words in last_words.lower() for words in _MEMORY_WORDS):
        return Failure.OUT_OF_MEMORY
    return Failure.CRASHED


def undecodable(failure: Failure, settings: DecoderSettings) -> PictureUndecodable:
    """A failure of the process, in words for the picture's owner."""
    match failure:
        case Failure.TIMED_OUT:
            return PictureUndecodable(failure, f"Decoding took longer than {settings.wall_seconds:g} seconds.")
        case Failure.OUT_OF_MEMORY:
            return PictureUndecodable(failure, f"Decoding needs more than {settings.memory_bytes >> 20} MiB of memory.")
        case _:
            return PictureUndecodable(failure, "The picture crashed the decoder.")

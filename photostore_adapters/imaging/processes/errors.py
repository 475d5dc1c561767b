"""What is the matter when no picture is to blame."""

from photostore.shared.errors import Unavailable


class DecoderUnavailable(Unavailable):
    """No decoder process can be had, or there is no room for its files. Another try may work."""

    title = "Pictures cannot be decoded right now."


class ProcessLost(Exception):
    """The process ended, closed its socket, or sent what is no answer. It is of no further use."""

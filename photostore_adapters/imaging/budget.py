"""A view that is tired of being read."""

from photostore_adapters.imaging.reading import ReadBudgetSpent, TruncatedPicture, View

_LEAST = 64


class Budgeted:
    """Each read counts for its bytes, and for a few at least: what costs time in a walk of tiny steps is their number."""

    def __init__(self, view: View, most: int) -> None:
        self.byte_size = view.byte_size
        self._view = view
        self._most = most
        self._left = most

    def renew(self) -> None:
        """What was spent on one part of the metadata is not missing for the next."""
        self._left = self._most

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self.byte_size:
            raise TruncatedPicture("it is cut short, or points past its own end")
        self._left -= max(length, _LEAST)
        if self._left < 0:
            raise ReadBudgetSpent("its metadata are spread over too many bytes")
        return self._view.read(offset, length)

"""The digest of a form that is read as it arrives, as far as it was read for its answer."""

from hashlib import sha256

from photostore.shared.idempotency import BodyPrint


class RunningPrint:
    """Fields and files in their order: names, filenames and contents. How they came in pieces makes no difference.

    `until` is where to stop: what another reading of the form took, to be compared with.
    """

    def __init__(self, until: int | None = None) -> None:
        self._digest = sha256()
        self._until = until
        self._taken = 0
        self._part_bytes = 0

    @property
    def is_over(self) -> bool:
        return self._taken == self._until

    def begin(self, name: str, filename: str) -> None:
        self._part_bytes = 0
        for text in (name.encode(), filename.encode()):
            self._add(len(text).to_bytes(8) + text)

    def take(self, content: bytes) -> None:
        self._part_bytes += len(content)
        self._add(content)

    def end(self) -> None:
        """Of a part. Its length tells where it ended, whatever its bytes look like."""
        self._add(self._part_bytes.to_bytes(8))

    def so_far(self) -> BodyPrint:
        return BodyPrint(taken=self._taken, digest=self._digest.digest())

    def _add(self, content: bytes) -> None:
        if self._until is not None:
            content = content[: self._until - self._taken]
        self._digest.update(content)
        self._taken += len(content)

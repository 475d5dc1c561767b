"""Changing only what one has seen."""

from dataclasses import dataclass

from photostore.shared.errors import PreconditionFailed


@dataclass(frozen=True, slots=True)
class ExpectedVersion:
    """The versions that a change may start from; `None` is any."""

    versions: frozenset[int] | None = None

    def demand(self, version: int) -> None:
        """Raise `PreconditionFailed` when the present `version` is none of them."""
        if self.versions is not None and version not in self.versions:
            raise PreconditionFailed(f"The resource is at version {version} now.")


ANY_VERSION = ExpectedVersion()

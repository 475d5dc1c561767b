"""Changing only what one has seen."""

from dataclasses import dataclass

from photostore.shared.errors import PreconditionFailed


@dataclass(frozen=True, slots=True)
class ExpectedVersion:
    """The versions that a change may start from; `None` is any."""

    versions: frozenset[int] | None = None

    def demand(self, version: int, *, since: int | None = None) -> None:
        """Raise `PreconditionFailed` when none of them is the present `version`, nor one of those `since` then which
        differ from it only in what nobody said."""
        if self.versions is not None and not self.versions.intersection(range(since or version, version + 1)):
            raise PreconditionFailed(f"The resource is at version {version} now.")


ANY_VERSION = ExpectedVersion()

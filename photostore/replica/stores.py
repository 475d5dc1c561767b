"""The stores themselves."""

from collections.abc import Mapping
from dataclasses import dataclass

from photostore.replica.errors import ReplicaNotFound
from photostore.shared.blobs import MendableBlobStore

PRIMARY = "primary"


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store that holds originals. `replicas` are by name, in the order in which they are read from."""

    primary: MendableBlobStore
    replicas: Mapping[str, MendableBlobStore]

    def get(self, name: str) -> MendableBlobStore:
        """Raise `ReplicaNotFound`."""
        if name == PRIMARY:
            return self.primary
        if name not in self.replicas:
            raise ReplicaNotFound(f"There is no replica {name!r} in the settings.")
        return self.replicas[name]

    def others(self, name: str) -> Mapping[str, MendableBlobStore]:
        """Every store but this one, the primary first."""
        every = {PRIMARY: self.primary, **self.replicas}
        return {other: store for other, store in every.items() if other != name}

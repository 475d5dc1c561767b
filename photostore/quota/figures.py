"""What is counted of an owner's photos."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """In bytes: `originals` of photos outside the trash, `trash` the originals in it, `renditions` all that was made from
    either. `photo_count` are the photos outside the trash. A difference can be negative."""

    originals_bytes: int = 0
    trash_bytes: int = 0
    renditions_bytes: int = 0
    photo_count: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def __neg__(self) -> "Figures":
        return Figures(**{each.name: -getattr(self, each.name) for each in fields(self)})

    def __sub__(self, other: "Figures") -> "Figures":
        return self + -other

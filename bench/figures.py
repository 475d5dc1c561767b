"""What was measured, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line: `measured` beside `limit`, both in `unit`. With a `target` it passes or fails.

    The target is the largest good ratio of the two where there is a limit, else the largest good measure; or the
    smallest, where more is better (`at_least`).
    """

    name: str
    measured: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    target: float | None = None
    at_least: bool = False

    @property
    def passed(self) -> bool:
        judged = self.measured if self.ratio is None else self.ratio
        if self.target is None:
            return True
        return judged >= self.target if self.at_least else judged <= self.target

    def cells(self) -> tuple[str, ...]:
        if self.target is None:
            target, mark = "", ""
        else:
            sign, unit = ">=" if self.at_least else "<=", "" if self.ratio is not None else f" {self.unit}"
            target = f"{sign} {self.target:g}{unit}"
            mark = "pass" if self.passed else "FAIL"
        measured = f"{self.measured:.2f} {self.unit}"
        limit = "" if self.limit is None else f"{self.limit:.2f} {self.unit}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return self.name, measured, limit, ratio, target, mark


def compared(
    name: str, measured: Sequence[float], limit: Sequence[float], *, unit: str, target: float | None = None
) -> Figure:
    """Two things that were measured in turns. The ratio is the median over the turns, so that a busy moment of the
    machine, which both felt, does not count."""
    ratio = median(one / other for one, other in zip(measured, limit, strict=True))
    return Figure(name=name, measured=median(measured), unit=unit, limit=median(limit), ratio=ratio, target=target)


def table(figures: Sequence[Figure]) -> str:
    rows = [("", "measured", "limit", "ratio", "target", ""), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column in (0, 5) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * sum([*widths, 2 * len(widths) - 2]), *lines[1:]])

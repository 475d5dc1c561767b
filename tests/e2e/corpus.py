"""The list of a corpus of pictures: what each of its files should give."""

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A line of the list. `width` and `height` are as displayed; `taken_at` as the API tells it.

    `has_quadrants`: upright it is red and green above, blue and white below.
    """

    path: str
    outcome: str
    size: tuple[int, int] | None
    taken_at: datetime | None
    offset_minutes: int | None
    position: tuple[float, float] | None
    has_quadrants: bool


# Where a file should give something else than its line says: what, and why.
SIZES = {
    "format/bigcat88__RGB_8_chroma444.heif": ((29, 100), "the list has the stored size; the clean aperture crops it"),
}
TIMES = {
    "real/mdextr__HTC_Desire.webp": ("2011:05:06 09:59:48", "+02:00", "its GPS time tells the offset, no tag does"),
    "format/image-rs__exif-xmp-metadata.jpg": ("2025:11:03 00:31:13", "+00:00", "the list is of EXIF; its XMP says so"),
    "real/mikekovari__Bush-dog.tif": ("2003:08:30 00:00:00", "", "the list is of EXIF; its IPTC says so"),
}
REFUSED = {
    "image/jxl": "JPEG XL is not supported for now",
}


def read_list(folder: Path) -> list[Expected]:
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        return [_expected(row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _expected(row: dict[str, str]) -> Expected:
    path = row["path"]
    clock, offset_text, _ = TIMES.get(path, (row["taken_at"], row["offset"], ""))
    offset = _offset(offset_text)
    size = (int(row["width"]), int(row["height"])) if row["width"] else None
    if size and row["orientation"] in {"5", "6", "7", "8"}:
        size = size[::-1]
    return Expected(
        path=path,
        outcome="reject" if row["mime"] in REFUSED else row["outcome"],
        size=SIZES[path][0] if path in SIZES else size,
        taken_at=_moment(clock, offset),
        offset_minutes=offset,
        position=(float(row["lat"]), float(row["lon"])) if row["lat"] else None,
        has_quadrants="quadrants R G / B W when upright" in row["special"],
    )


def _offset(text: str) -> int | None:
    found = re.fullmatch(r"([+-])(\d\d):(\d\d)", text)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def _moment(text: str, offset_minutes: int | None) -> datetime | None:
    if not text:
        return None
    clock = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    return clock - timedelta(minutes=offset_minutes or 0)

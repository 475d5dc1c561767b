"""What ExifTool, which knows more places for metadata than anybody, still finds in a copy."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from photostore.photo.metadata_policy import MetadataPolicy
from tests.adapters.stripping.cleaning import NO_LOCATION, NONE, cleaned
from tests.pictures import a_gif, a_jpeg, a_png, a_webp

EXIFTOOL = shutil.which("exiftool")
if EXIFTOOL is None:
    pytest.skip("exiftool is not on the PATH", allow_module_level=True)

METADATA = [
    f"-{group}:all" for group in ("EXIF", "GPS", "XMP", "IPTC", "MakerNotes", "Photoshop", "MPF", "Trailer", "JUMBF")
]
PLACES = ["-GPS:all"] + [
    f"-*{word}*" for word in ("GPS", "Location", "City", "Country", "State", "Latitude", "Longitude")
]
WRITTEN = [
    "-n", "-GPSLatitude=48.85", "-GPSLatitudeRef=N", "-GPSLongitude=2.35", "-GPSLongitudeRef=E", "-GPSAltitude=35",
    "-XMP:GPSLatitude=48.85", "-XMP:City=Paris", "-XMP:Country=France", "-XMP:CountryCode=FR", "-XMP:Location=Louvre",
    "-XMP:LocationCreatedCity=Paris", "-XMP:LocationShownCountryName=France", "-XMP-dc:Subject=museum", "-XMP:Rating=5",
    "-IPTC:City=Paris", "-IPTC:Sub-location=Louvre", "-IPTC:Country-PrimaryLocationName=France", "-IPTC:Keywords=museum",
    "-EXIF:Make=Testco", "-EXIF:DateTimeOriginal=2024:05:17 18:03:21", "-EXIF:UserComment=GPS 48.85",
]  # fmt: skip
KINDS = {
    "jpg": (a_jpeg(), "image/jpeg"),
    "png": (a_png(), "image/png"),
    "webp": (a_webp(), "image/webp"),
    "gif": (a_gif(), "image/gif"),
}


def exiftool(*arguments: str | Path) -> str:
    done = subprocess.run([str(EXIFTOOL), *arguments], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def found(path: Path, *tags: str) -> dict[str, object]:
    (listed,) = json.loads(exiftool("-json", "-a", "-U", "-ee", "-n", "-G1", *tags, path))
    return {name: value for name, value in listed.items() if name != "SourceFile"}


async def before_and_after(folder: Path, kind: str, policy: MetadataPolicy) -> tuple[Path, Path]:
    before, after = folder / f"before.{kind}", folder / f"after.{kind}"
    content, content_type = KINDS[kind]
    before.write_bytes(content)
    exiftool("-q", "-overwrite_original", *WRITTEN, before)
    after.write_bytes(await cleaned(before.read_bytes(), content_type, policy))
    return before, after


@pytest.mark.parametrize("kind", KINDS)
async def test_no_metadata_are_found_where_none_may_be(tmp_path: Path, kind: str) -> None:
    before, after = await before_and_after(tmp_path, kind, NONE)

    assert found(before, *PLACES)
    assert not found(after, *METADATA, "-Comment")


@pytest.mark.parametrize("kind", KINDS)
async def test_no_place_is_found_where_none_may_be(tmp_path: Path, kind: str) -> None:
    before, after = await before_and_after(tmp_path, kind, NO_LOCATION)

    assert found(before, *PLACES)
    assert not found(after, *PLACES)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
async def test_what_tells_no_place_is_still_found(tmp_path: Path, kind: str) -> None:
    _, after = await before_and_after(tmp_path, kind, NO_LOCATION)

    left = found(after, "-all:all")
    assert left["ExifIFD:DateTimeOriginal"] == "2024:05:17 18:03:21"
    assert left["IFD0:Make"] == "Testco"
    assert (left["XMP-dc:Subject"], left["XMP-xmp:Rating"]) == ("museum", 5)
    assert not found(after, "-warning")


async def test_keywords_of_iptc_are_still_found(tmp_path: Path) -> None:
    _, after = await before_and_after(tmp_path, "jpg", NO_LOCATION)

    assert found(after, "-IPTC:Keywords") == {"IPTC:Keywords": "museum"}

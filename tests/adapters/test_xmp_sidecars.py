"""XMP sidecars as other programs read and write them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from photostore.transfer.told import Told
from photostore.transfer.xmp import xmp_sidecar
from photostore_adapters.transfer.xmp_sidecars import told_in_xmp
from tests.core.transfer.views import a_view, at

PHOTO = a_view(
    title="Night & <day>",
    description="two\nlines",
    hashtags=("sea", "été"),
    favorite=True,
    taken_at=at("2023-12-31T23:30:00Z"),
    taken_at_offset_minutes=-210,
    latitude=-33.8567844,
    longitude=151.2152967,
    altitude_m=-3.5,
)


def test_what_is_written_is_read_again() -> None:
    assert told_in_xmp(xmp_sidecar(PHOTO)) == Told(
        title="Night & <day>",
        description="two\nlines",
        hashtags=("sea", "été"),
        favorite=True,
        taken_at=at("2023-12-31T23:30:00Z"),
        taken_at_offset_minutes=-210,
    )


def test_what_another_program_writes_as_attributes_is_read() -> None:
    packet = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="3"
          xmp:CreateDate="2023-07-14T12:00:00">
      <dc:title xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Alt><rdf:li>Sea</rdf:li><rdf:li>Meer</rdf:li></rdf:Alt></dc:title>
      </rdf:Description></rdf:RDF></x:xmpmeta>"""

    assert told_in_xmp(packet) == Told(title="Sea", taken_at=at("2023-07-14T12:00:00Z"))


@pytest.mark.parametrize("packet", [b"", b"<x", b"\xff\xfe", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_cannot_be_read_says_nothing(packet: bytes) -> None:
    assert told_in_xmp(packet) == Told()


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_reads_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "sea.jpg.xmp").write_bytes(xmp_sidecar(PHOTO))

    printed = subprocess.run(
        ["exiftool", "-json", "-n", "-charset", "UTF8", "sea.jpg.xmp"], cwd=tmp_path, capture_output=True, check=True
    ).stdout

    [read] = json.loads(printed)
    assert (read["Title"], read["Description"]) == ("Night & <day>", "two\nlines")
    assert (read["Subject"], read["Rating"]) == (["sea", "été"], 5)
    assert read["DateTimeOriginal"] == read["DateCreated"] == "2023:12:31 20:00:00-03:30"
    assert read["GPSLatitude"] == pytest.approx(-33.8567844, abs=1e-7)
    assert read["GPSLongitude"] == pytest.approx(151.2152967, abs=1e-7)
    assert read["GPSAltitude"] == -3.5

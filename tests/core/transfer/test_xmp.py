"""XMP sidecars."""

from xml.etree.ElementTree import fromstring

from photostore.transfer.xmp import xmp_sidecar
from tests.core.transfer.views import a_view, at


def test_everything_that_is_said_stands_in_it() -> None:
    photo = a_view(
        title="Night & <day>",
        description="a\r\nb\x00\x0b\ufffe",
        hashtags=("sea", "été"),
        favorite=True,
        taken_at=at("2023-12-31T23:30:00Z"),
        taken_at_offset_minutes=-210,
        latitude=-33.8567844,
        longitude=151.2152967,
        altitude_m=-3.5,
    )

    text = xmp_sidecar(photo).decode()

    fromstring(text)
    assert "Night &amp; &lt;day&gt;" in text
    assert ">a&#13;\nb<" in text
    assert "<rdf:li>sea</rdf:li><rdf:li>été</rdf:li>" in text
    assert "<xmp:Rating>5</xmp:Rating>" in text
    assert "<photoshop:DateCreated>2023-12-31T20:00:00-03:30</photoshop:DateCreated>" in text
    assert "<exif:GPSLatitude>33,51.4070640S</exif:GPSLatitude>" in text
    assert "<exif:GPSLongitude>151,12.9178020E</exif:GPSLongitude>" in text
    assert "<exif:GPSAltitudeRef>1</exif:GPSAltitudeRef>" in text
    assert "<exif:GPSAltitude>3500/1000</exif:GPSAltitude>" in text


def test_a_clock_without_an_offset_has_none_and_what_is_not_said_is_left_out() -> None:
    text = xmp_sidecar(a_view(taken_at=at("2023-12-31T23:30:00.250Z"))).decode()

    assert "<exif:DateTimeOriginal>2023-12-31T23:30:00.250</exif:DateTimeOriginal>" in text
    assert not any(name in text for name in ("dc:title>", "dc:subject>", "Rating", "GPS"))

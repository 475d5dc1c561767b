"""XMP, edited in place: what names a place becomes spaces; what still speaks of one is not trusted."""

import pytest

from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.xmp_location import without_location
from tests.adapters.stripping.cleaning import xmp


def after(content: bytes) -> bytes:
    found = bytearray(content)
    for patch in without_location(content):
        found[patch.offset : patch.offset + len(patch.content)] = patch.content
    assert len(found) == len(content)
    return bytes(found)


@pytest.mark.parametrize(
    "place",
    [
        b'exif:GPSLatitude="secret"',
        b"exif:GPSLatitude = 'secret'",
        b'photoshop:City="secret"',
        b'photoshop:State="secret"',
        b'photoshop:Country="secret"',
        b'drone-dji:GpsLongtitude="secret"',
        b'drone-dji:AbsoluteAltitude="secret"',
        b"ext:LocationName=\"secret > & 'all'\"".replace(b"&", b"&amp;"),
    ],
)
def test_an_attribute_that_names_a_place_becomes_spaces(place: bytes) -> None:
    content = xmp(b'xmp:Rating="5" ' + place + b' xmp:Label="red"')

    assert after(content) == content.replace(place, b" " * len(place))


@pytest.mark.parametrize(
    "place",
    [
        b"<exif:GPSLatitude>secret</exif:GPSLatitude>",
        b"<photoshop:City\n>secret</photoshop:City >",
        b'<ext:LocationShown><rdf:Bag><rdf:li ext:City="secret"/></rdf:Bag></ext:LocationShown>',
        b"<ext:LocationCreated rdf:resource='secret'/>",
        b"<ext:Location><ext:Location>secret</ext:Location></ext:Location>",
        b'<lr:HierarchicalSubject xmlns:lr="a"><rdf:Bag><rdf:li>Places|secret</rdf:li></rdf:Bag></lr:HierarchicalSubject>',
        b'<digiKam:TagsList xmlns:digiKam="b"><rdf:Seq><rdf:li>Places/secret</rdf:li></rdf:Seq></digiKam:TagsList>',
        b'<acdsee:caption xmlns:acdsee="http://ns.acdsee.com/iptc/1.0/">secret</acdsee:caption>',
        b'<any:keywords xmlns:any="http://ns.acdsee.com/iptc/1.0/"><rdf:Bag><rdf:li>secret</rdf:li></rdf:Bag></any:keywords>',
    ],
)
def test_an_element_that_names_a_place_becomes_spaces(place: bytes) -> None:
    title = b"<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>a > b</rdf:li></rdf:Alt></dc:title>"
    content = xmp(elements=title + place + title)

    assert after(content) == content.replace(place, b" " * len(place))


def test_all_of_a_namespace_that_describes_places_becomes_spaces() -> None:
    declared = b'xmlns:acdsee="http://ns.acdsee.com/iptc/1.0/"'
    caption, categories = b"acdsee:caption='secret'", b"<acdsee:categories>secret</acdsee:categories>"
    content = xmp(b" ".join([declared, b'xmp:Rating="5"', caption]), b"<dc:title>a</dc:title>" + categories)

    assert after(content) == content.replace(caption, b" " * len(caption)).replace(categories, b" " * len(categories))


def test_xmp_without_a_place_stays_as_it_is() -> None:
    assert without_location(xmp(b'xmp:Rating="5"', b"<dc:title>Paris</dc:title>") + b"\0") == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no XML at all",
        xmp()[:-60],
        xmp(b'exif:GPSLatitude="48"').decode().encode("utf-16"),
        b'<!DOCTYPE a [<!ENTITY b "GPS">]>' + xmp(),
        xmp(elements=b"<dc:description>GPS 48 N</dc:description>"),
        xmp(elements=b"<!-- latitude: 48 -->"),
        xmp(b'xmp:MotionPhoto="1"'),
        xmp(b'xmlns:Container="http://ns.google.com/photos/1.0/container/"'),
    ],
    ids=lambda content: f"{len(content)} bytes",
)
def test_xmp_that_cannot_be_read_or_still_tells_is_not_trusted(content: bytes) -> None:
    with pytest.raises(BrokenPictureError):
        without_location(content)

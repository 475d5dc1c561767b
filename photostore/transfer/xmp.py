"""XMP sidecars (ISO 16684-1), as other programs read them: `name.jpg.xmp`, beside `name.jpg`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from photostore.photo.queries import PhotoView
from photostore.transfer.layout import clock_of

# What cameras and editors call the best of five stars is what people call a favourite.
FAVORITE_RATING = 5

_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}


def xmp_sidecar(photo: PhotoView) -> bytes:
    """What people said of the photo, when it was taken, and where. The same photo gives the same bytes."""
    properties = [
        *_language("dc:title", photo.title),
        *_language("dc:description", photo.description),
        *_bag("dc:subject", photo.hashtags),
        *_plain("xmp:Rating", str(FAVORITE_RATING) if photo.favorite else None),
        *_taken(photo),
        *_position(photo),
    ]
    declared = "".join(f'\n    xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    body = "".join(f"   {line}\n" for line in properties)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'  <rdf:Description rdf:about=""{declared}>\n{body}  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n'
    ).encode()


def _taken(photo: PhotoView) -> list[str]:
    moment = clock_of(photo.taken_at, photo.taken_at_offset_minutes)
    told = None if moment is None else _timestamp(moment, photo.taken_at_offset_minutes)
    return [
        line
        for name in ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate")
        for line in _plain(name, told)
    ]


def _timestamp(clock: datetime, offset_minutes: int | None) -> str:
    """The camera's clock; with its offset where that is known."""
    text = clock.replace(tzinfo=None).isoformat(timespec="milliseconds" if clock.microsecond else "seconds")
    if offset_minutes is None:
        return text
    sign, offset = "-" if offset_minutes < 0 else "+", timedelta(minutes=abs(offset_minutes))
    hours, minutes = divmod(int(offset.total_seconds()) // 60, 60)
    return f"{text}{sign}{hours:02}:{minutes:02}"


def _position(photo: PhotoView) -> list[str]:
    if photo.latitude is None or photo.longitude is None:
        return []
    lines = [
        *_plain("exif:GPSLatitude", _coordinate(photo.latitude, "NS")),
        *_plain("exif:GPSLongitude", _coordinate(photo.longitude, "EW")),
    ]
    if photo.altitude_m is not None:
        lines += _plain("exif:GPSAltitudeRef", "1" if photo.altitude_m < 0 else "0")
        lines += _plain("exif:GPSAltitude", f"{round(abs(photo.altitude_m) * 1000)}/1000")
    return lines


def _coordinate(degrees: float, sides: str) -> str:
    """Degrees and decimal minutes, as XMP has them: `52,31.2600000N`."""
    minutes = round(abs(degrees) * 60, 7)
    whole, rest = divmod(minutes, 60)
    return f"{int(whole)},{rest:.7f}{sides[degrees < 0]}"


def _plain(name: str, text: str | None) -> list[str]:
    return [] if text is None else [f"<{name}>{_escaped(text)}</{name}>"]


def _language(name: str, text: str | None) -> list[str]:
    if text is None:
        return []
    return [f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{_escaped(text)}</rdf:li></rdf:Alt></{name}>']


def _bag(name: str, words: Sequence[str]) -> list[str]:
    if not words:
        return []
    return [f"<{name}><rdf:Bag>{''.join(f'<rdf:li>{_escaped(word)}</rdf:li>' for word in words)}</rdf:Bag></{name}>"]


def _escaped(text: str) -> str:
    """Without the characters that XML cannot hold; line ends that a parser would change are kept as references."""
    return escape("".join(each for each in text if _is_xml(each)), {"\r": "&#13;"})


def _is_xml(character: str) -> bool:
    code = ord(character)
    return code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF

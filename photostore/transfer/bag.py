"""BagIt (RFC 8493): the text of the files that make a folder a bag."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from photostore.transfer.errors import NotAnExport
from photostore.transfer.layout import PAYLOAD

DECLARATION, INFO = "bagit.txt", "bag-info.txt"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
DECLARED = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
FORMAT, EXPORTED_AT = "Photostore-Export", "Photostore-Exported-At"

_LINE = re.compile(r"([0-9A-Fa-f]{64})[ \t]+\*?(.+)")
_ESCAPES = {"%0D": "\r", "%0A": "\n", "%25": "%"}
_ESCAPED = re.compile("%0D|%0A|%25", re.IGNORECASE)


def manifest_line(path: str, sha256: bytes) -> str:
    escaped = path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
    return f"{sha256.hex()}  {escaped}\n"


def manifest_entries(lines: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Path and digest of each line. Raise `NotAnExport` for a line that is none, or leads out of the bag."""
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise NotAnExport(f"Line {number} of {MANIFEST} is not UTF-8.") from None
        if not text.strip():
            continue
        matched = _LINE.fullmatch(text)
        path = _ESCAPED.sub(lambda found: _ESCAPES[found[0].upper()], matched[2]) if matched else ""
        if matched is None or not is_payload(path):
            raise NotAnExport(f"Line {number} of {MANIFEST} names no file of the bag.")
        yield path, bytes.fromhex(matched[1])


def is_payload(path: str) -> bool:
    """Whether it is a path within the payload, and leads nowhere else."""
    first, *rest = path.split("/")
    return first == PAYLOAD and bool(rest) and not {"", ".", ".."}.intersection(rest) and "\0" not in path


def info(*, exported_at: datetime, version: str, files: int, byte_size: int) -> bytes:
    told = {
        "Bag-Software-Agent": f"photostore {version}",
        "Bagging-Date": f"{exported_at:%Y-%m-%d}",
        "External-Description": "Photos with what is said of them, albums and hashtags",
        FORMAT: "1",
        EXPORTED_AT: exported_at.isoformat(timespec="seconds"),
        "Payload-Oxum": f"{byte_size}.{files}",
    }
    return "".join(f"{label}: {value}\n" for label, value in told.items()).encode()


def info_told(content: bytes) -> Mapping[str, str]:
    """Labels and values; of a label that is there twice the last."""
    told: dict[str, str] = {}
    for line in content.decode(errors="replace").splitlines():
        label, colon, value = line.partition(":")
        if colon and not line.startswith((" ", "\t")):
            told[label.strip()] = value.strip()
    return told

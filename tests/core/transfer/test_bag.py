"""The text of a bag's files."""

import pytest

from photostore.transfer.bag import EXPORTED_AT, info, info_told, manifest_entries, manifest_line
from photostore.transfer.errors import NotAnExport
from tests.core.transfer.views import at

DIGEST = bytes(range(32))


@pytest.mark.parametrize(
    "path", ["data/a/b.jpg", "data/a b/100%.jpg", "data/line\nend\r.jpg", "data/%0A.jpg", "data/é"]
)
def test_a_manifest_tells_every_path_as_it_is(path: str) -> None:
    line = manifest_line(path, DIGEST).encode()

    assert list(manifest_entries([line])) == [(path, DIGEST)]
    assert line.count(b"\n") == 1


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "data/../x", "data", "data/", "other/a", "data//a", "data/./a", "../data/a", "data/\0"]
)
def test_a_manifest_that_leads_out_of_the_payload_is_refused(path: str) -> None:
    with pytest.raises(NotAnExport):
        list(manifest_entries([f"{DIGEST.hex()}  {path}".encode()]))


@pytest.mark.parametrize("line", [b"no digest", b"abcd  data/a", b"\xff\xff"])
def test_what_is_no_line_of_a_manifest_is_refused(line: bytes) -> None:
    with pytest.raises(NotAnExport):
        list(manifest_entries([line]))


def test_what_a_bag_says_of_itself_can_be_read_again() -> None:
    told = info_told(info(exported_at=at("2024-05-01T12:00:00+00:00"), version="1", files=3, byte_size=99))

    assert told[EXPORTED_AT] == "2024-05-01T12:00:00+00:00"
    assert told["Payload-Oxum"] == "99.3"
    assert told["Bagging-Date"] == "2024-05-01"

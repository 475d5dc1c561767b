"""Names of files in an archive."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photostore.archive.names import MAX_BYTES, UniqueNames, folded, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("IMG_0042.JPG", "IMG_0042.JPG"),
        ("Überraschung am Fluß.jpg", "Überraschung am Fluß.jpg"),
        ("日本の夕日.jpg", "日本の夕日.jpg"),
        ("غروب الشمس.jpg", "غروب الشمس.jpg"),
        ("می\u200cروم.jpg", "می\u200cروم.jpg"),
        ("สวัสดี.heic", "สวัสดี.heic"),
        ("👩\u200d👧 family.png", "👩\u200d👧 family.png"),
        ('a/b\\c:d*e?f"g<h>i|j.jpg', "a_b_c_d_e_f_g_h_i_j.jpg"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("a\x00b\nc\x7f\u202egpj.jpg", "abcgpj.jpg"),
        (" .hidden.jpg. ", "hidden.jpg"),
        ("name.   ", "name"),
        ("stem ..jpg", "stem.jpg"),
        ("...", "photo"),
        ("", "photo"),
        (".jpg", "photo.jpg"),
        ("CON", "_CON"),
        ("con.jpg", "_con.jpg"),
        ("nul .tar.gz", "_nul .tar.gz"),
        ("lpt¹.jpg", "_lpt¹.jpg"),
        ("com10.jpg", "com10.jpg"),
        ("console.jpg", "console.jpg"),
        ("e\u0301.jpg", "é.jpg"),
    ],
)
def test_a_name_is_made_safe_and_kept_as_far_as_it_goes(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("letter", ["a", "é", "日", "😀", "क्ष"])
def test_a_long_name_is_cut_at_a_letter_and_keeps_its_extension(letter: str) -> None:
    name = safe_name(letter * 300 + ".jpeg")

    stem = name.removesuffix(".jpeg")
    assert stem != name
    assert MAX_BYTES - 12 < len(name.encode()) <= MAX_BYTES
    assert (letter * 300).startswith(stem)


def test_no_letter_is_cut_off_its_accents() -> None:
    thai = "ก็"  # a letter and the mark above it, 3 bytes each

    name = safe_name("ab" + thai * 60)

    assert name == "ab" + thai * 33


def test_a_very_long_extension_is_none() -> None:
    name = safe_name("a." + "b" * 300)

    assert name == "a." + "b" * 198


def test_names_are_numbered_where_they_meet() -> None:
    names = UniqueNames()

    taken = [names.take(each) for each in ("a.jpg", "a.jpg", "A.JPG", "a (2).jpg", "a.png", "b", "b")]

    assert taken == ["a.jpg", "a (2).jpg", "A (3).JPG", "a (2) (2).jpg", "a.png", "b", "b (2)"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("é.jpg", "E\u0301.jpg"),
        ("STRASSE.jpg", "straße.jpg"),
        ("Σίσυφος.jpg", "ΣΊΣΥΦΟΣ.jpg"),
        ("ﬁn.jpg", "fin.jpg"),
        ("K.jpg", "k.jpg"),
        ("İ.jpg", "i̇.jpg"),
        ("ı.jpg", "I.jpg"),  # noqa: RUF001 - meant
        ("a\u200db.jpg", "ab.jpg"),
    ],
)
def test_neither_case_nor_composition_tells_names_apart(one: str, other: str) -> None:
    names = UniqueNames()

    assert names.take(one) != one or "(2)" in names.take(other)
    assert folded(one) == folded(other)


def test_a_long_name_has_room_for_its_number() -> None:
    names = UniqueNames()

    taken = [names.take("é" * 300 + ".jpg") for _ in range(12)]

    assert len(set(taken)) == 12
    assert all(len(each.encode()) <= MAX_BYTES for each in taken)
    assert taken[-1].endswith(" (12).jpg")


def test_ten_thousand_of_one_name_are_named_at_once() -> None:
    names = UniqueNames()

    taken = [names.take("image.jpg") for _ in range(10_000)]

    assert taken[-1] == "image (10000).jpg"
    assert len(set(taken)) == 10_000


@given(st.lists(st.text(max_size=300), max_size=20))
def test_whatever_the_names_every_system_can_unpack_them(asked: list[str]) -> None:
    names = UniqueNames()

    taken = [names.take(each) for each in asked]

    assert len({folded(each) for each in taken}) == len(asked)
    assert len({unicodedata.normalize("NFD", each).casefold() for each in taken}) == len(asked)
    assert len({each.upper() for each in taken}) == len(asked)
    for name in taken:
        assert 1 <= len(name.encode()) <= MAX_BYTES
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', name)
        assert name == name.strip(" .")
        assert name.partition(".")[0].rstrip().upper() not in ("CON", "PRN", "AUX", "NUL", "COM1", "LPT¹")


@given(st.text(max_size=300))
def test_what_is_safe_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)

    assert safe_name(safe) == safe

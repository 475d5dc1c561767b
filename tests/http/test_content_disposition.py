"""Filenames of any alphabet, and of any malice, as a header."""

from urllib.parse import unquote

import pytest

from photostore_http.content_disposition import content_disposition, safe_filename


@pytest.mark.parametrize(
    ("filename", "plain", "full"),
    [
        ("cat.jpg", "cat.jpg", "cat.jpg"),
        ("my cat.jpg", "my cat.jpg", "my%20cat.jpg"),
        ("Käse.jpg", "K_se.jpg", "K%C3%A4se.jpg"),
        ("写真.heic", "__.heic", "%E5%86%99%E7%9C%9F.heic"),
        ('a"b%c;d.jpg', "a_b_c_d.jpg", "a%22b%25c%3Bd.jpg"),
        ("it's (1).jpg", "it's (1).jpg", "it%27s%20%281%29.jpg"),
    ],
)
def test_the_name_is_told_in_full_and_in_ascii(filename: str, plain: str, full: str) -> None:
    header = content_disposition("attachment", filename)

    assert header == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\photos\\cat.jpg", "C:_photos_cat.jpg"),
        ("a\r\nSet-Cookie: b\0.jpg", "aSet-Cookie: b.jpg"),
        ("cat\u202egpj.exe", "catgpj.exe"),
        ("\u2066cat\u2069.jpg", "cat.jpg"),
        ("\ud800cat.jpg", "cat.jpg"),
        ("", "file"),
        (" .. ", "file"),
        ("x" * 300 + ".jpeg", "x" * 175 + ".jpeg"),
    ],
)
def test_a_name_is_one_name_that_says_what_it_is(filename: str, safe: str) -> None:
    assert safe_filename(filename) == safe
    assert unquote(content_disposition("inline", filename).split("''")[1]) == safe


@pytest.mark.parametrize("filename", ["\r\n", '"', "\u202e", "ä\u2028b", "a\x7fb", "\U0001f600"])
def test_the_header_is_one_line_of_printable_ascii(filename: str) -> None:
    header = content_disposition("inline", filename)

    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2

"""What is said about a photo: texts, custom data, filenames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photostore.photo.details import (
    CUSTOM_LIMIT_BYTES,
    FILENAME_LIMIT,
    checked_text,
    clean_filename,
    merge_patch,
    patched_custom,
)
from photostore.photo.errors import PhotoInvalid


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_do_as_the_appendix_of_rfc_7396_says(target: object, patch: object, result: object) -> None:
    assert merge_patch(target, patch) == result


def test_a_merge_patch_leaves_what_it_was_given_as_it_was() -> None:
    target: dict[str, object] = {"a": {"b": 1}}

    merge_patch(target, {"a": {"b": None, "c": 2}})

    assert target == {"a": {"b": 1}}


def test_custom_data_is_patched_and_none_empties_it() -> None:
    assert patched_custom({"rating": 4, "trip": {"year": 2025}}, {"trip": {"year": 2026}, "rating": None}) == {
        "trip": {"year": 2026}
    }
    assert patched_custom({"rating": 4}, None) == {}


def test_custom_data_has_at_most_16_kib_as_json() -> None:
    fitting = {"k": "x" * (CUSTOM_LIMIT_BYTES - len('{"k": ""}'))}

    assert patched_custom({}, fitting) == fitting
    with pytest.raises(PhotoInvalid) as refused:
        patched_custom({}, {"k": fitting["k"] + "x"})
    assert [error.field for error in refused.value.errors] == ["custom"]


def test_custom_data_counts_together_with_what_was_there() -> None:
    half = "x" * (CUSTOM_LIMIT_BYTES // 2)

    with pytest.raises(PhotoInvalid):
        patched_custom({"one": half}, {"two": half})


@pytest.mark.parametrize("custom", [{"k": "a\x00b"}, {"a\x00b": 1}, {"k": [{"deep": "\x00"}]}, {"k": "\\\x00"}])
def test_custom_data_holds_no_nul(custom: dict[str, object]) -> None:
    with pytest.raises(PhotoInvalid):
        patched_custom({}, custom)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "C:\\users\\u0000"])
def test_what_only_looks_like_an_escaped_nul_is_kept(text: str) -> None:
    assert patched_custom({}, {"k": text}) == {"k": text}


def test_custom_data_that_no_database_can_keep_is_refused() -> None:
    nested: dict[str, object] = {}
    for _ in range(100_000):
        nested = {"k": nested}

    for custom in ({"k": "\ud800"}, {"\udfff": 1}, nested):
        with pytest.raises(PhotoInvalid):
            patched_custom({}, custom)


def test_a_text_loses_its_nuls() -> None:
    assert checked_text("title", "a\x00b", 10) == "ab"
    assert checked_text("title", None, 10) is None


def test_a_text_is_counted_in_characters() -> None:
    assert checked_text("title", "é" * 10, 10) == "é" * 10
    with pytest.raises(PhotoInvalid) as refused:
        checked_text("title", "é" * 11, 10)
    assert [error.field for error in refused.value.errors] == ["title"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("IMG_0001.JPG", "IMG_0001.JPG"),
        ("C:\\Users\\alice\\Pictures\\beach.jpg", "beach.jpg"),
        ("/home/alice/beach.jpg", "beach.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("夕焼け 01.heic", "夕焼け 01.heic"),
        ("غروب.jpg", "غروب.jpg"),
        ("🌅.jpg", "🌅.jpg"),
        ("a\x00b\r\nc.jpg", "abc.jpg"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("  spaced.jpg  ", "spaced.jpg"),
        ('quote".jpg', 'quote".jpg'),
        ("folder/", "photo"),
        ("\x00", "photo"),
        ("", "photo"),
        (None, "photo"),
        ("x" * 300 + ".jpeg", "x" * 250 + ".jpeg"),
        ("x" * 300, "x" * 255),
        ("." + "x" * 300, "." + "x" * 254),
        ("a." + "x" * 300, "a." + "x" * 253),
    ],
)
def test_a_filename_is_fit_to_be_shown(sent: str | None, kept: str) -> None:
    assert clean_filename(sent) == kept


@given(st.text(max_size=600))
def test_any_filename_comes_out_short_printable_and_without_a_path(text: str) -> None:
    name = clean_filename(text)

    assert 1 <= len(name) <= FILENAME_LIMIT
    assert name.isprintable()
    assert not {"/", "\\"} & set(name)

"""What a hashtag is called, in any script."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from photostore.hashtag.errors import NotAHashtag
from photostore.hashtag.name import LONGEST, fold, hashtag_name, hashtag_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sunset", "sunset"),
        ("#sunset", "sunset"),
        ("  #Sunset\n", "sunset"),
        ("SUNSET", "sunset"),
        ("2026", "2026"),
        ("a_b", "a_b"),
        ("_x", "_x"),
        ("\uff03sunset", "sunset"),
        ("\uff33\uff35\uff2e", "sun"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("\ufb01lm", "film"),
        ("\u0130stanbul", "i\u0307stanbul"),
        ("caf\u00e9", "caf\u00e9"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c3"),
        ("\u03bf\u03b4\u03bf\u03c2", "\u03bf\u03b4\u03bf\u03c3"),
        ("закат", "закат"),
        ("\u0417\u0410\u041a\u0410\u0422", "закат"),
        ("غروب", "غروب"),
        ("\u0663\u0664", "\u0663\u0664"),
        ("सूर्यास्त", "सूर्यास्त"),
        ("พระอาทิตย์ตก", "พระอาทิตย์ตก"),
        ("日没", "日没"),
        ("ﾀｸﾞ", "タグ"),
        ("夕焼け", "夕焼け"),
        ("노을", "노을"),
        ("שקיעה", "שקיעה"),
        ("\u2167", "viii"),
        ("H\u2082O", "h2o"),
        ("\U0001d4e2un", "sun"),
    ],
)
def test_a_name_is_normalised_and_folded(text: str, name: str) -> None:
    assert hashtag_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "#",
        "##sunset",
        "# sunset",
        "sun set",
        "sun-set",
        "sun.set",
        "sun#set",
        "sun,set",
        "sun\u200dset",
        "sun\u200bset",
        "sun\x00set",
        "sun\u202eset",
        "_",
        "___",
        "\u0301",
        "_\u0301",
        "🌅",
        "sunset🌅",
        "❤️",
        "½",
        "a" * (LONGEST + 1),
        "\ufdfa" * 5,
    ],
)
def test_what_is_no_hashtag_is_refused_and_the_field_named(text: str) -> None:
    with pytest.raises(NotAHashtag) as refused:
        hashtag_name(text, field="hashtags")

    assert [error.field for error in refused.value.errors] == ["hashtags"]


def test_64_characters_are_not_too_many() -> None:
    assert len(hashtag_name("é" * LONGEST)) == LONGEST


def test_length_is_counted_after_folding() -> None:
    with pytest.raises(NotAHashtag):
        hashtag_name("ß" * 40)


def test_a_refusal_does_not_repeat_endless_text() -> None:
    with pytest.raises(NotAHashtag) as refused:
        hashtag_name("x" * 10_000)

    assert len(refused.value.errors[0].message) < 300


@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "P"]), min_size=1, max_size=12))
@example("\u0345\u0308")
@example("\u1fb3\u0345")
@example("\u03b1\u0345\u0301")
@example("\u0130\u0300")
@example("\u1e9e")
def test_the_name_of_a_name_is_itself(text: str) -> None:
    try:
        name = hashtag_name(text)
    except NotAHashtag:
        return

    assert hashtag_name(name) == name
    assert hashtag_name(f"#{name}") == name


@given(st.text(max_size=20))
def test_names_are_compared_as_they_are_folded(text: str) -> None:
    try:
        name = hashtag_name(text)
    except NotAHashtag:
        return

    assert name == fold(text)


def test_names_are_kept_once_in_the_order_of_their_first_mention() -> None:
    assert hashtag_names(["Sea", "#sun", "SEA", "sea", "Sun"]) == ("sea", "sun")

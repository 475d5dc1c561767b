"""What counts as an address, and which addresses are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photostore.user.email import email_address
from photostore.user.errors import UserInvalid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("alice@example.com", "alice@example.com"),
        ("  Alice@Example.COM \n", "alice@example.com"),
        ("first.last+tag@sub.example.co", "first.last+tag@sub.example.co"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("\uff41lice@example.com", "alice@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("root@localhost", "root@localhost"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_has_one_account_however_it_is_typed(typed: str, kept: str) -> None:
    assert email_address(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "@example.com",
        "alice@",
        "alice@@example.com",
        "alice@example@com",
        "alice smith@example.com",
        "alice@exa mple.com",
        "alice@example..com",
        "alice@.example.com",
        "alice@example.com.",
        "alice@-example.com",
        "alice@example-.com",
        "alice@exa_mple.com",
        "alice@[127.0.0.1]",
        '"quoted"@example.com',
        "alice\x00@example.com",
        "alice\u2028@example.com",
        "al\u200bice@example.com",
        "al\u202eice@example.com",
        "al\u00adice@example.com",
        "alice@exam\u2060ple.com",
        "alice\ue000@example.com",
        "a" * 65 + "@example.com",
        "alice@" + "a" * 64 + ".com",
        "alice@" + "example." * 31 + "com",
    ],
)
def test_anything_else_is_refused_and_the_field_is_named(text: str) -> None:
    with pytest.raises(UserInvalid) as refused:
        email_address(text)

    assert [error.field for error in refused.value.errors] == ["email"]


@given(st.from_regex(r"[\w.+-]{1,20}@[\w.]{1,20}", fullmatch=True))
def test_the_address_of_an_address_is_itself(text: str) -> None:
    try:
        address = email_address(text)
    except UserInvalid:
        return

    assert email_address(address) == address

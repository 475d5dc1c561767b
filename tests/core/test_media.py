"""For whom media URLs are signed, and what takes them back."""

from uuid import UUID

from photostore.shared.media import album_part, audience_of, member_part, picture_within, subjects_of, through

ALBUM, USER = UUID(int=1), UUID(int=2)


def test_each_part_of_an_audience_can_be_taken_back_alone_and_for_one_picture() -> None:
    audience = through(album_part(ALBUM), member_part(ALBUM, USER, 3))

    subjects = subjects_of("a/b", audience)

    assert subjects == [
        "a/b",
        album_part(ALBUM),
        member_part(ALBUM, USER, 3),
        picture_within(album_part(ALBUM), "a/b"),
        picture_within(member_part(ALBUM, USER, 3), "a/b"),
    ]


def test_an_owners_own_urls_have_one_part() -> None:
    assert subjects_of("a/b", audience_of(USER)) == ["a/b", f"user-{USER.hex}", f"user-{USER.hex}/a/b"]


def test_who_comes_back_to_an_album_is_another_audience() -> None:
    assert member_part(ALBUM, USER, 1) != member_part(ALBUM, USER, 2)

"""Where things lie in an export."""

from uuid import UUID

import pytest

from photostore.transfer.layout import album_path, marked, owner_folder, photo_path, picture_name, same_place
from photostore.transfer.queries import Owner
from tests.builders import a_user_id
from tests.core.transfer.views import a_view, at


def test_photos_lie_by_the_month_that_the_camera_s_clock_showed() -> None:
    new_year = a_view(taken_at=at("2023-12-31T23:30:00Z"), taken_at_offset_minutes=60)

    assert photo_path("data/anna", new_year) == "data/anna/2024/01/sea.jpg"


def test_what_is_in_the_trash_or_has_no_date_lies_apart() -> None:
    undated = a_view(created_at=at("2024-05-01T00:00:00Z"))
    trashed = a_view(taken_at=at("2020-02-03T00:00:00Z"), trashed_at=at("2024-05-01T00:00:00Z"))

    assert photo_path("data/anna", undated) == "data/anna/undated/2024/05/sea.jpg"
    assert photo_path("data/anna", trashed) == "data/anna/trash/2020/02/sea.jpg"


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("sea.jpg", "sea.jpg"),
        ("photo", "photo.jpg"),
        ("a.jpg.json", "a.jpg.json.jpg"),
        ("A.XMP", "A.XMP.jpg"),
        ("a/b:c?.jpg", "a_b_c_.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("100%.jpg", "100_.jpg"),
        ("..", "photo.jpg"),
    ],
)
def test_a_picture_keeps_its_name_as_far_as_every_system_can_keep_it(filename: str, name: str) -> None:
    assert picture_name(filename, "image/jpeg") == name


def test_an_owner_s_folder_is_their_address() -> None:
    owner = a_user_id()

    assert owner_folder(Owner(owner, "anna@example.test", None)) == "data/anna@example.test"
    assert owner_folder(Owner(owner, None, "Anna")) == f"data/{owner}"


def test_an_album_s_file_is_its_name() -> None:
    assert album_path("data/anna", "2024/05: 100%") == "data/anna/albums/2024_05_ 100_.json"


def test_a_mark_stands_before_the_extension() -> None:
    assert marked("data/a/b.jpg", UUID(int=0xABCDEF01)) == "data/a/b (abcdef01).jpg"


def test_names_that_some_system_takes_for_one_have_the_same_place() -> None:
    assert same_place("data/Anna/e\u0301.JPG") == same_place("data/anna/\u00e9.jpg")
    assert same_place("data/a/b.jpg") != same_place("data/a/c.jpg")

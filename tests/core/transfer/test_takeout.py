"""What Google Takeout writes beside photos."""

import pytest

from photostore.transfer.takeout import TakeoutDocuments, album_told, is_album_document, is_year_folder, photo_told
from tests.core.transfer.views import at

LONG = "original_1d4caa6f-16c6-4c3d-901b-9387de10e528_P.jpg"


@pytest.mark.parametrize(
    ("picture", "document"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.json"),
        ("PXL_20230714_223000123.PORTRAIT.jpg", "PXL_20230714_223000123.PORTRAIT.jpg.supplement.json"),
        ("Screenshot_20230714_223000_a.b.c.name.jpg", "Screenshot_20230714_223000_a.b.c.name.jpg.supp.json"),
        ("0123456789012345678901234567890123456789.jpg", "0123456789012345678901234567890123456789.jpg.s.json"),
        ("0123456789012345678901234567890123456789.jpg", "0123456789012345678901234567890123456789.jpg..json"),
        ("IMG_1(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-metadata(2).json"),
        ("IMG_1(1).jpg", "IMG_1(1).jpg.json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.json"),
        ("IMG_1-bearbeitet.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1-edited(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1-edited.jpg", "IMG_1.HEIC.json"),
        (LONG.replace("_P", "_"), LONG[:46] + ".json"),
        ("IMG_1.HEIC", "IMG_1.HEIC.json"),
    ],
)
def test_a_picture_s_document_is_found_by_its_name(picture: str, document: str) -> None:
    documents = TakeoutDocuments([document, "other.jpg.json", "metadata.json"])

    assert documents.of(picture) == document


@pytest.mark.parametrize(
    ("picture", "document"),
    [
        ("IMG_1.jpg", "IMG_12.jpg.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg(1).json"),
        ("IMG_1.jpg", "metadata.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg(2).json"),
    ],
)
def test_another_s_document_is_nobody_s(picture: str, document: str) -> None:
    assert TakeoutDocuments([document]).of(picture) is None


def test_of_two_pictures_of_one_name_each_has_its_own() -> None:
    documents = TakeoutDocuments(
        ["a.jpg.supplemental-metadata.json", "a.jpg.supplemental-metadata(1).json", "a.png.supplemental-metadata.json"]
    )

    assert documents.of("a.jpg") == "a.jpg.supplemental-metadata.json"
    assert documents.of("a(1).jpg") == "a.jpg.supplemental-metadata(1).json"
    assert documents.of("a.png") == "a.png.supplemental-metadata.json"


@pytest.mark.parametrize(
    "name",
    ["Photos from 2023", "Fotos von 2019", "Photos de 2020", "2021", "2018 年的照片", "Zdjęcia z 2022", "2017年の写真"],
)
def test_a_year_s_folder_is_no_album(name: str) -> None:
    assert is_year_folder(name)
    assert album_told({"title": name}, "folder") is None


@pytest.mark.parametrize("name", ["Rome 2023", "Summer", "2023-07-14", "12345"])
def test_a_name_with_a_year_can_be_an_album_s(name: str) -> None:
    assert not is_year_folder(name)


def test_what_google_knows_is_told() -> None:
    told = photo_told(
        {
            "title": "IMG_1.jpg",
            "description": "At the sea",
            "favorited": True,
            "trashed": True,
            "archived": True,
            "photoTakenTime": {"timestamp": "1689366600", "formatted": "14 Jul 2023"},
            "geoData": {"latitude": 52.5, "longitude": 13.4, "altitude": 0.0},
            "geoDataExif": {"latitude": 0.0, "longitude": 0.0},
            "people": [{"name": "Anna"}, {"other": 1}],
        }
    )

    assert (told.filename, told.description, told.favorite, told.trashed) == ("IMG_1.jpg", "At the sea", True, True)
    assert told.taken_at == at("2023-07-14T20:30:00Z")
    assert told.custom == {
        "takeout": {"people": ["Anna"], "archived": True, "location": {"latitude": 52.5, "longitude": 13.4}}
    }


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"title": 5, "description": [], "favorited": "yes", "photoTakenTime": 7, "geoData": 1, "people": {}},
        {"photoTakenTime": {"timestamp": "0"}},
        {"photoTakenTime": {"timestamp": "9" * 40}, "geoData": {"latitude": "x", "longitude": None}},
        {"photoTakenTime": {"timestamp": None}, "geoData": {"latitude": 900, "longitude": 1e400}, "people": [[]]},
    ],
)
def test_what_makes_no_sense_says_nothing(document: dict[str, object]) -> None:
    told = photo_told(document)

    assert (told.taken_at, told.favorite, told.custom, told.description) == (None, False, {}, None)


def test_albums_are_known_by_what_their_document_holds_whatever_it_is_called() -> None:
    album = {"title": "Rome", "description": "Spring", "date": {"timestamp": "1"}}

    told = album_told(album, "Rome(1)")

    assert is_album_document(album)
    assert not is_album_document({"title": "a.jpg", "photoTakenTime": {}, "url": "x"})
    assert told is not None
    assert (told.name, told.description) == ("Rome", "Spring")
    untitled = album_told({"title": ""}, "Untitled(1)")
    assert untitled is not None
    assert untitled.name == "Untitled(1)"

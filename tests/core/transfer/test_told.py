"""Documents that may hold anything."""

import json

import pytest

from photostore.album.queries import AlbumView
from photostore.album.roles import Role
from photostore.hashtag.errors import NotAHashtag
from photostore.hashtag.name import hashtag_name
from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import PhotoFilter
from photostore.shared.ids import AlbumId
from photostore.transfer.documents import AlbumToTell, album_document, photo_document, written
from photostore.transfer.errors import SidecarInvalid
from photostore.transfer.queries import Membership, PlacedPhoto
from photostore.transfer.told import Told, album_told, document_in, is_ours, photo_told, together
from tests.builders import a_user_id
from tests.core.transfer.views import a_view, at
from tests.fakes.system import NOW, new_id


def test_what_is_written_of_a_photo_is_read_again() -> None:
    photo = a_view(
        title="",
        description="calm",
        hashtags=("sea",),
        favorite=True,
        custom={"a": [1, {"b": None}]},
        taken_at=at("2023-07-14T20:30:00.123456Z"),
        taken_at_offset_minutes=120,
        trashed_at=NOW,
    )
    albums = [Membership(photo.id, new_id(), "Rome")]

    document = document_in(written(photo_document(photo, albums)))

    assert is_ours(document, "photo")
    assert photo_told(document) == Told(
        filename="sea.jpg",
        title="",
        description="calm",
        hashtags=("sea",),
        favorite=True,
        custom={"a": [1, {"b": None}]},
        taken_at=photo.taken_at,
        taken_at_offset_minutes=120,
        trashed=True,
        albums=("Rome",),
        sha256=bytes(32),
        exact=True,
    )


def test_what_is_written_of_an_album_is_read_again() -> None:
    query = PhotoFilter(
        hashtags=(hashtag_name("sea"),), text="x", favorite=False, taken_from=NOW, status=PhotoStatus.READY
    )
    owner = a_user_id()
    view = AlbumView(
        id=AlbumId(new_id()),
        owner_id=owner,
        name="Rome",
        description=None,
        cover_photo_id=None,
        photo_count=None,
        query=query,
        queries=0,
        version=1,
        created_at=NOW,
        updated_at=NOW,
        role=Role.OWNER,
        membership=None,
    )
    photos = [PlacedPhoto(new_id(), owner, bytes(32)), PlacedPhoto(new_id(), a_user_id(), bytes([1] * 32))]

    document = document_in(written(album_document(AlbumToTell(view=view, photos=photos, members=[], cover=bytes(32)))))

    told = album_told(document)
    assert (told.name, told.query, told.cover) == ("Rome", query, bytes(32))
    assert told.photos == (bytes(32), bytes([1] * 32))
    assert document["photos_of_others"] == ["01" * 32]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_document_is_refused(content: bytes) -> None:
    with pytest.raises(SidecarInvalid):
        document_in(content)


def test_a_document_of_a_later_version_is_refused() -> None:
    with pytest.raises(SidecarInvalid):
        is_ours({"photostore_export": 2, "entity": "photo"}, "photo")


def test_values_that_make_no_sense_say_nothing() -> None:
    document = {
        "title": 5,
        "description": "x" * 20_000,
        "hashtags": ["sea", 7, "??", "Sea"],
        "favorite": "yes",
        "custom": {"a": "x" * 20_000},
        "taken_at": "yesterday",
        "taken_at_offset_minutes": 5000,
        "albums": [{"name": "\0"}, 5, {"name": "Ro\0me \ud800"}],
        "sha256": "zz",
        "trashed_at": None,
    }

    told = photo_told(json.loads(json.dumps(document)))

    assert told == Told(description="x" * 10_000, hashtags=("sea",), albums=("Rome",), exact=True)


@pytest.mark.parametrize(
    ("query", "refusal"),
    [({"hashtag": [5]}, SidecarInvalid), ({"status": "gone"}, SidecarInvalid), ({"hashtag": ["?"]}, NotAHashtag)],
)
def test_an_album_by_a_query_that_is_none_is_refused(query: object, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        album_told({"name": "Rome", "query": query})


def test_a_second_source_says_what_the_first_does_not() -> None:
    surest = Told(title="Sea", hashtags=("a",))
    other = Told(title="Other", description="calm", hashtags=("b", "a"), favorite=True, taken_at=NOW)

    told = together(surest, other)

    assert (told.title, told.description, told.hashtags, told.favorite) == ("Sea", "calm", ("a", "b"), True)
    assert told.taken_at == NOW

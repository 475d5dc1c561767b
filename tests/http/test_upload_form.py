"""The form door: what a form may be, and what becomes of one that is none."""

from collections.abc import Sequence
from hashlib import sha256

import httpx
import pytest

from photostore.photo.queries import PhotoView
from photostore.shared.blobs import BlobKey
from photostore.shared.errors import Unavailable
from tests.builders import a_picture
from tests.fakes.jobs import run_jobs
from tests.fakes.photos import FakePhotoQueries
from tests.http.forms import BOUNDARY, END, FORM, field_part, file_part, in_pieces
from tests.http.test_problems import problem
from tests.http.world import World

PHOTOS = "/api/v1/photos"
PICTURE = a_picture("a sunset")
DIGEST = sha256(PICTURE).hexdigest()
FILE = file_part(PICTURE)


async def post(http: httpx.AsyncClient, *parts: bytes, content_type: str = FORM) -> httpx.Response:
    return await http.post(PHOTOS, content=b"".join(parts), headers={"content-type": content_type})


@pytest.mark.parametrize("order", ["before", "after", "around"])
async def test_the_fields_stand_before_or_after_the_file(as_ada: httpx.AsyncClient, order: str) -> None:
    told = [
        field_part("title", b"Pier"),
        field_part("hashtags", b" #Sea, sun ,,SEA "),
        field_part("description", b"Late."),
    ]
    parts = {"before": [*told, FILE], "after": [FILE, *told], "around": [told[0], FILE, *told[1:]]}[order]

    answer = await post(as_ada, *parts, END)

    photo = answer.json()
    assert answer.status_code == 201, answer.text
    assert (photo["title"], photo["description"], photo["hashtags"]) == ("Pier", "Late.", ["sea", "sun"])
    assert (photo["filename"], photo["byte_size"], photo["sha256"]) == ("a.jpg", len(PICTURE), DIGEST)
    assert photo["duplicate"] is False
    assert answer.headers["location"] == f"{PHOTOS}/{photo['id']}"
    assert answer.headers["etag"] == '"1"'


async def test_the_bytes_lie_in_the_store_as_they_were_sent(world: World, as_ada: httpx.AsyncClient) -> None:
    assert (await post(as_ada, FILE, END)).status_code == 201

    assert list(world.store.blobs.blobs.values()) == [PICTURE]
    assert world.requests.uploads == [("form", "created", len(PICTURE))]


async def test_what_was_made_is_told_though_the_database_went_away_then(
    world: World, as_ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object, **__: object) -> PhotoView:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(FakePhotoQueries, "get", gone)

    made, again = await post(as_ada, FILE, END), await post(as_ada, FILE, END)

    assert (made.status_code, again.status_code) == (201, 503)
    assert made.json()["sha256"] == DIGEST
    assert len(world.store.photos.rows) == 1


async def test_the_same_bytes_again_are_the_photo_that_is_there(world: World, as_ada: httpx.AsyncClient) -> None:
    first = (await post(as_ada, field_part("title", b"First"), FILE, END)).json()

    again = await post(as_ada, field_part("title", b"Second"), file_part(PICTURE, filename="b.jpg"), END)
    declared = await post(as_ada, field_part("sha256", DIGEST.upper().encode()), file_part(b"anything"), END)

    for answer in (again, declared):
        assert answer.status_code == 200
        assert answer.json() == {**first, "duplicate": True}
        assert answer.headers["location"] == f"{PHOTOS}/{first['id']}"
    await run_jobs(world.container, world.store)
    assert [world.store.blobs.blobs[BlobKey(key)] for key in world.store.originals] == [PICTURE]


async def test_someone_else_s_same_bytes_are_a_photo_of_their_own(world: World, as_ada: httpx.AsyncClient) -> None:
    mine = (await post(as_ada, FILE, END)).json()

    theirs = await post(await world.as_user(await world.user()), FILE, END)

    assert (theirs.status_code, theirs.json()["duplicate"]) == (201, False)
    assert theirs.json()["id"] != mine["id"]


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
async def test_it_does_not_matter_in_what_pieces_a_form_comes(as_ada: httpx.AsyncClient, size: int) -> None:
    body = b"".join([field_part("title", "Pier, früh".encode()), FILE, field_part("hashtags", b"sea"), END])

    answer = await as_ada.post(PHOTOS, content=in_pieces(body, size), headers={"content-type": FORM})

    assert answer.status_code == 201, answer.text
    assert (answer.json()["title"], answer.json()["sha256"]) == ("Pier, früh", DIGEST)


@pytest.mark.parametrize("content_length", [True, False])
async def test_a_large_file_comes_through_whole(as_ada: httpx.AsyncClient, *, content_length: bool) -> None:
    content = a_picture(byte_size=(1 << 20))
    body = file_part(content) + END

    answer = await as_ada.post(
        PHOTOS, content=body if content_length else in_pieces(body, 65_536), headers={"content-type": FORM}
    )

    assert (answer.status_code, answer.json()["sha256"]) == (201, sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("früh am Morgen.jpg", "früh am Morgen.jpg"),
        ("C:\\\\photos\\\\a.jpg", "a.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\x1b.jpg", "ab.jpg"),
        ("北京.jpg", "北京.jpg"),
        ("", "photo"),
        ("x" * 400 + ".jpeg", "x" * 250 + ".jpeg"),
    ],
)
async def test_a_filename_is_one_name(as_ada: httpx.AsyncClient, filename: str, shown: str) -> None:
    answer = await post(as_ada, file_part(PICTURE, filename=filename), END)

    assert (answer.status_code, answer.json().get("filename")) == (201, shown), answer.text


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([field_part("title", b"no file"), END], "file"),
        ([FILE, file_part(a_picture("another")), END], "file"),
        ([field_part("title", b"a"), field_part("title", b"b"), FILE, END], "title"),
        ([FILE, field_part("colour", b"red"), END], "colour"),
        ([field_part("album_name", b"x"), FILE, END], "album_name"),
        ([FILE, field_part("title", b"\xff\xfe"), END], "title"),
        ([FILE, field_part("title", b"x" * 501), END], "title"),
        ([FILE, field_part("hashtags", b"two words"), END], "hashtags"),
        ([field_part("description", b"x" * 1025), FILE, END], "description"),
        ([field_part("sha256", b"abc"), FILE, END], "sha256"),
        ([field_part("sha256", b"0" * 64), FILE, END], "sha256"),
        ([FILE, field_part("sha256", b"0" * 64), END], "sha256"),
    ],
)
async def test_what_does_not_validate_leaves_nothing_behind(
    world: World, as_ada: httpx.AsyncClient, parts: Sequence[bytes], field: str
) -> None:
    answer = await post(as_ada, *parts)
    await run_jobs(world.container, world.store)

    assert problem(answer)[0] == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert world.store.photos.rows == {}
    assert world.store.blobs.blobs == {}
    assert [quota.reserved for quota in world.store.quotas.rows.values()] == [0]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (FILE + END, "application/json"),
        (FILE + END, ""),
        (FILE + END, "multipart/form-data"),
        (FILE + END, "multipart/form-data; boundary="),
        (FILE + END, f"multipart/form-data; boundary={'x' * 71}"),
        (FILE + END, f"multipart/mixed; boundary={BOUNDARY}"),
        (FILE + END, "multipart/form-data; boundary=another"),
        (b"", FORM),
        (b"nonsense", FORM),
        (FILE, FORM),
        (FILE[:100], FORM),
        (f"--{BOUNDARY}\r\nContent-Disposition: attachment\r\n\r\nx\r\n".encode() + END, FORM),
        (f"--{BOUNDARY}\r\nno header\r\n\r\nx\r\n".encode() + END, FORM),
    ],
)
async def test_what_is_no_form_is_refused(
    world: World, as_ada: httpx.AsyncClient, body: bytes, content_type: str
) -> None:
    answer = await post(as_ada, body, content_type=content_type)

    assert problem(answer)[0] in (400, 422)
    assert world.store.blobs.blobs == {}


async def test_the_last_line_break_may_be_missing(as_ada: httpx.AsyncClient) -> None:
    assert (await post(as_ada, FILE, END.removesuffix(b"\r\n"))).status_code == 201


@pytest.mark.parametrize("content", [b"", b"GIF", b"no picture at all", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
async def test_only_pictures_are_taken_whatever_they_are_called(
    world: World, as_ada: httpx.AsyncClient, content: bytes
) -> None:
    assert problem(await post(as_ada, file_part(content), END)) == (415, "unsupported-image")
    assert world.store.blobs.blobs == {}
    assert world.requests.uploads == [("form", "unsupported-image", 0)]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("filename*=UTF-8''fr%C3%BCh%20am%20Morgen.jpg", "früh am Morgen.jpg"),
        ("filename*=iso-8859-1'de'fr%FCh.jpg", "früh.jpg"),
        ("filename*=klingon''a.jpg", "photo"),
        ("filename*=a.jpg", "photo"),
        ("filename=\"a.jpg\"; filename*=UTF-8''b.jpg", "a.jpg"),
    ],
)
async def test_a_filename_may_come_encoded(as_ada: httpx.AsyncClient, told: str, shown: str) -> None:
    part = FILE.replace(b'filename="a.jpg"', told.encode())

    answer = await post(as_ada, part, END)

    assert (answer.status_code, answer.json().get("filename")) == (201, shown), answer.text


async def test_what_is_the_matter_with_a_form_is_told_in_words(as_ada: httpx.AsyncClient) -> None:
    part = FILE.replace(b"a.jpg", b"\xff.jpg")

    answer = await post(as_ada, part, END)

    assert problem(answer) == (400, "not-a-form")
    assert answer.json()["detail"] == "The body is no multipart form: Segment header failed to decode."

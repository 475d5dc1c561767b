"""The upload aggregate, its limits, and what a form says."""

from datetime import timedelta

import pytest

from photostore.hashtag.errors import NotAHashtag
from photostore.photo.errors import PhotoInvalid
from photostore.shared.blobs import MultipartId
from photostore.shared.errors import Invalid
from photostore.upload.errors import UploadEnded, UploadInvalid, UploadTooLarge
from photostore.upload.events import UploadAborted, UploadLeftBytes, UploadLeftUrl
from photostore.upload.form import upload_details
from photostore.upload.upload import OPEN_STATES, Upload, UploadState
from tests.builders import a_direct_upload, a_photo_id, a_user_id, an_upload, upload_limits
from tests.fakes.system import NOW

CLOSED_STATES = sorted(set(UploadState) - set(OPEN_STATES))


def test_an_upload_begins_pending_with_a_key_of_its_own() -> None:
    template = an_upload()

    upload = Upload.start(
        id=template.id,
        owner_id=template.owner_id,
        reserved_bytes=10,
        now=NOW,
        expires_at=NOW + timedelta(hours=1),
    )

    assert (upload.state, upload.is_open) == (UploadState.PENDING, True)
    assert upload.blob_key == f"originals/{upload.id.hex[-2:]}/{upload.id}"


def test_it_cannot_reserve_less_than_nothing() -> None:
    with pytest.raises(UploadInvalid):
        an_upload(reserved_bytes=-1)


def test_a_completed_one_keeps_its_bytes() -> None:
    upload, photo_id = an_upload(), a_photo_id()

    upload.complete(photo_id, now=NOW)

    assert (upload.state, upload.photo_id, upload.is_open) == (UploadState.COMPLETED, photo_id, False)
    assert upload.events == []


def test_a_duplicate_names_the_photo_that_was_there_and_leaves_its_bytes() -> None:
    upload, photo_id = an_upload(), a_photo_id()

    upload.complete_as_duplicate(photo_id, now=NOW)

    assert (upload.state, upload.photo_id) == (UploadState.COMPLETED, photo_id)
    assert upload.events == [
        UploadLeftBytes(at=NOW, owner_id=upload.owner_id, upload_id=upload.id, blob_key=upload.blob_key)
    ]


@pytest.mark.parametrize("state", [UploadState.ABORTED, UploadState.EXPIRED, UploadState.REJECTED])
def test_one_that_is_given_up_leaves_its_bytes_and_says_why(state: UploadState) -> None:
    upload = an_upload()

    upload.end(state, reason="x" * 1000, now=NOW)

    assert (upload.state, upload.reason, upload.is_open) == (state, "x" * 500, False)
    assert [type(event) for event in upload.events] == [UploadLeftBytes]


def test_one_that_ends_before_its_url_leaves_that_too() -> None:
    upload = a_direct_upload()
    upload.take_events()

    upload.end(UploadState.ABORTED, reason="", now=NOW)

    assert [type(event) for event in upload.events] == [UploadAborted, UploadLeftBytes, UploadLeftUrl]


@pytest.mark.parametrize(
    "upload",
    [a_direct_upload(expires_at=NOW), a_direct_upload(multipart_id=MultipartId("parts"))],
    ids=["expired", "in parts"],
)
def test_a_url_that_takes_no_bytes_any_more_is_not_left(upload: Upload) -> None:
    upload.take_events()

    upload.end(UploadState.ABORTED, reason="", now=NOW)

    assert UploadLeftUrl not in map(type, upload.events)


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_what_has_ended_neither_completes_nor_ends_again(state: UploadState) -> None:
    upload = an_upload(state=state)

    with pytest.raises(UploadEnded):
        upload.complete(a_photo_id(), now=NOW)
    with pytest.raises(UploadEnded):
        upload.complete_as_duplicate(a_photo_id(), now=NOW)
    with pytest.raises(UploadEnded):
        upload.end(UploadState.ABORTED, reason="again", now=NOW)

    assert upload.state is state
    assert upload.events == []


@pytest.mark.parametrize("state", OPEN_STATES)
def test_what_is_open_can_complete(state: UploadState) -> None:
    upload = an_upload(state=state)

    upload.complete(a_photo_id(), now=NOW)

    assert upload.state is UploadState.COMPLETED


def test_a_file_may_have_exactly_the_limit() -> None:
    limits = upload_limits(max_bytes=100)

    limits.demand_fits(100)
    with pytest.raises(UploadTooLarge) as refused:
        limits.demand_fits(101)

    assert [error.field for error in refused.value.errors] == ["file"]


@pytest.mark.parametrize(("at_most", "surely"), [(None, 0), (5, 0), (10, 0), (110, 100)])
def test_of_a_form_only_what_cannot_be_fields_is_surely_the_file(at_most: int | None, surely: int) -> None:
    assert upload_limits(max_fields_bytes=10).surely_file(at_most) == surely


def test_a_form_says_what_goes_with_the_file() -> None:
    details = upload_details(
        {"title": "Sea", "description": "", "hashtags": "#Sea, sun ,,SEA,", "sha256": " " + "AB" * 32 + "\n"}
    )

    assert (details.title, details.description) == ("Sea", None)
    assert details.hashtags == ("sea", "sun")
    assert details.sha256 == b"\xab" * 32


def test_a_form_may_say_nothing() -> None:
    details = upload_details({})

    assert (details.title, details.description, details.hashtags, details.sha256) == (None, None, (), None)


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"sha256": "ab"}, UploadInvalid, "sha256"),
        ({"sha256": "zz" * 32}, UploadInvalid, "sha256"),
        ({"sha256": "ab " * 32}, UploadInvalid, "sha256"),
        ({"sha256": "é" * 64}, UploadInvalid, "sha256"),
        ({"title": "x" * 501}, PhotoInvalid, "title"),
        ({"description": "x" * 10_001}, PhotoInvalid, "description"),
        ({"hashtags": "fine,not fine"}, NotAHashtag, "hashtags"),
        ({"hashtags": ",".join(f"tag{number}" for number in range(101))}, PhotoInvalid, "hashtags"),
    ],
)
def test_what_a_form_says_wrong_is_named(fields: dict[str, str], error: type[Invalid], field: str) -> None:
    with pytest.raises(error) as refused:
        upload_details(fields)

    assert [each.field for each in refused.value.errors] == [field]


def test_ids_of_owners_do_not_mix_in_keys() -> None:
    assert an_upload(owner_id=a_user_id()).blob_key != an_upload(owner_id=a_user_id()).blob_key

"""`storage.replicas`: a list of stores, in a file or as JSON in a variable."""

import json
from pathlib import Path

import pytest

from photostore_adapters.settings import Secret, SettingsError, describe, load_settings

BUCKET = {
    "name": "off-site",
    "bucket_name": "copies",
    "aws_access_key_id": "key",
    "aws_secret_access_key": "hidden",
    "endpoint_url": "https://s3.example.org",
}
NAS = {"name": "nas", "folder": "/mnt/nas/photos"}


def given(*items: object, **more: str) -> dict[str, str]:
    return {"STORAGE__REPLICAS": json.dumps(items), **more}


def mistakes(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refusal:
        load_settings(environ)
    assert "hidden" not in str(refusal.value)
    return refusal.value.mistakes


def test_folders_and_buckets_are_read_from_a_variable_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(f"storage: {{replicas: {json.dumps([NAS, BUCKET])}}}")

    settings = load_settings(given(NAS, BUCKET))

    nas, bucket = settings.storage.replicas
    assert load_settings({}, [path]).storage.replicas == (nas, bucket)
    assert (nas.name, nas.folder, nas.bucket_name) == ("nas", Path("/mnt/nas/photos"), None)
    assert (bucket.bucket_name, bucket.region_name, bucket.stall_seconds) == ("copies", "us-east-1", 30)
    assert bucket.aws_secret_access_key == Secret("hidden")
    assert settings.embedded, "a copy elsewhere makes nothing someone else's"


def test_what_is_in_force_shows_them_without_their_secrets() -> None:
    row = next(row for row in describe(load_settings(given(NAS, BUCKET))) if row.key == "storage.replicas")

    assert row.value == (
        "[{name: nas, folder: /mnt/nas/photos}, {name: off-site, bucket_name: copies, aws_access_key_id: key, "
        "aws_secret_access_key: ***, endpoint_url: https://s3.example.org}]"
    )
    assert row.origin == "environment"


LABEL = "storage.replicas (STORAGE__REPLICAS)"
WRONG = f"{LABEL} is wrong in the environment: "


@pytest.mark.parametrize(
    ("items", "told"),
    [
        (["nas"], WRONG + "item 1: it should be with the keys name, folder, bucket_name"),
        ([NAS, {"folder": "/x"}], WRONG + "item 2: name is missing; it should be text of 1 to 32 small letters"),
        ([{**NAS, "foldr": "hidden"}], WRONG + "item 1: foldr is not one of its keys; did you mean folder?"),
        ([{**NAS, "name": "primary"}], WRONG + "item 1: name should be text of 1 to 32 small letters"),
        ([{**BUCKET, "addressing_style": "hidden"}], WRONG + "item 1: addressing_style should be one of path, virtual"),
        ([{"name": "nas"}], f"{LABEL} is wrong: item 1 (nas): it should have a folder or a bucket_name"),
        ([{**BUCKET, "folder": "/x"}], f"{LABEL} is wrong: item 1 (off-site): it has a folder and a bucket_name;"),
        ([{"name": "b", "bucket_name": "c"}], f"{LABEL} is wrong: item 1 (b): aws_access_key_id is missing"),
        ([{**NAS, "aws_access_key_id": "x"}], f"{LABEL} is wrong: item 1 (nas): aws_access_key_id belongs to a bucket"),
        ([NAS, {**NAS, "folder": "/y"}], f"{LABEL} has 2 items named nas; each name should be there once"),
        ([NAS, {"name": "b", "folder": "/mnt/nas/photos/b"}], f"{LABEL} is wrong: b lies where nas does; it should be"),
    ],
)
def test_a_mistake_names_the_item_the_key_and_the_fix(items: list[object], told: str) -> None:
    assert mistakes(given(*items))[0].startswith(told)


def test_what_is_no_list_is_told_without_being_shown() -> None:
    (mistake,) = mistakes({"STORAGE__REPLICAS": "[{hidden"})

    keys = "name, folder, bucket_name, aws_access_key_id, aws_secret_access_key, region_name, endpoint_url"
    fix = f"a list, each item with the keys {keys}, addressing_style, stall_seconds"
    assert mistake == f"{WRONG[:-2]} (its value is not shown); it should be {fix}"


def test_no_replica_lies_in_the_primary_store(tmp_path: Path) -> None:
    inside = given({"name": "nas", "folder": str(tmp_path / "blobs" / "copies")}, DATA_DIR=str(tmp_path))
    same = given(BUCKET, S3__BUCKET_NAME="copies", S3__AWS_ACCESS_KEY_ID="k", S3__AWS_SECRET_ACCESS_KEY="hidden")
    same |= {"S3__ENDPOINT_URL": "https://s3.example.org", "JWT__SECRET_KEY": "q7Zr2LwXv9TnB4sKc8YfJ1mDgH6pUeA0"}

    assert mistakes(inside) == (f"{LABEL} is wrong: nas lies where the primary store does; it should be another place",)
    assert mistakes(same) == (
        f"{LABEL} is wrong: off-site lies where the primary store does; it should be another place",
    )


def test_a_proxy_that_sends_files_by_itself_knows_no_replica() -> None:
    (mistake,) = mistakes(given(NAS, MEDIA__DELIVERY="accel"))

    assert mistake.startswith(
        "media.delivery (MEDIA__DELIVERY) is accel; with replicas it should be stream or redirect"
    )

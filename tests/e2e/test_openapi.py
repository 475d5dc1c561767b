"""The service does what its OpenAPI document says, whatever it is sent. The answers are checked by Schemathesis."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from secrets import token_bytes
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.e2e.people import API, PASSWORD, Person, somebody
from tests.e2e.programs import clean_environment
from tests.e2e.servers import ServerProcess

# Of each operation. More find more, and take their time.
FUZZ_EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "1")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
# What ends the account, the session, the photo or the album that the other calls are made with.
DESTRUCTIVE = ("CloseAccount", "SignOut", "RevokeSession", "RevokeOtherSessions", "DeletePhoto", "DeleteAlbum")
UNLIMITED = {
    f"RATE_LIMITS__{name}": "1000000"
    for name in (
        "FAILED_SIGN_INS_PER_ACCOUNT",
        "FAILED_SIGN_INS_PER_ADDRESS",
        "SIGN_INS_PER_ADDRESS",
        "REFRESHES_PER_ADDRESS",
        "REFRESHES_PER_ACCOUNT",
    )
}
# A number in a form is a text like any other. Of a batch each upload is refused by itself. Clients of tus are told 412 when
# they do not say which tus they speak; whoever names another version than the present one is told that first.
OPERATIONS = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428, 429, "5xx"]

[[operations]]
include-operation-id = "UploadPhoto"
checks.negative_data_rejection.enabled = false

[[operations]]
include-operation-id = "StartUploads"
checks.negative_data_rejection.expected-statuses = [201, "4xx", "5xx"]

[[operations]]
include-path-regex = "/uploads/tus"
checks.negative_data_rejection.expected-statuses = ["4xx", "5xx"]
checks.missing_required_header.expected-statuses = ["4xx"]
"""
# The pieces of tus go as what they are.
HOOKS = """
import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
"""
NASTY = [
    "\x00",
    "a\x00b",
    "\ufeff",
    "\u202e",
    "\ud7ff\ue000\uffff",
    "\U0010ffff" * 64,
    "ﷺ" * 64,
    "\u0345" * 300,
    "%00",
    "../../etc/passwd",
    "' OR 1=1 --",
    "%' ESCAPE '",
    "\\",
    "null",
    "x" * 5000,
    "",
    " ",
]
MOMENTS = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00-14:00",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59+14:00",
    "2026-06-01T12:00:00.123456789Z",
    "2026-06-01T12:00:00",
    "2026-06-01T12:00:00+23:59",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One that nobody else tries to sign in to, without limits on tries."""
    with ServerProcess(tmp_path_factory.mktemp("fuzzed"), UNLIMITED) as server:
        yield server


def explore(
    server: ServerProcess,
    folder: Path,
    *options: str,
    fixed: dict[str, str] | None = None,
    phases: str = "examples,coverage,fuzzing",
) -> None:
    """Send what the document allows and what it does not; fail on the first answer that it does not describe."""
    # Nobody has the time to wait for changes. JSON strings are TOML strings.
    chosen = {"query.wait": "0", **(fixed or {})}
    fixes = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in chosen.items())
    (folder / "schemathesis.toml").write_text(f"parameters = {{ {fixes} }}\n{OPERATIONS}")
    (folder / "sent_as_they_are.py").write_text(HOOKS)
    ran = subprocess.run(
        [
            *(SCHEMATHESIS, "run", f"{server.url}/openapi.json", "--no-color", "--seed=1"),
            f"--max-examples={FUZZ_EXAMPLES}",
            f"--phases={phases}",
            # What a schema cannot say (a hashtag's alphabet, the digest of these very bytes) is refused with a 422.
            "--exclude-checks=positive_data_acceptance",
            *options,
        ],
        cwd=folder,
        env=clean_environment(SCHEMATHESIS_HOOKS="sent_as_they_are", PYTHONPATH=str(folder)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def bearer_of(person: Person) -> str:
    return f"--header=Authorization: {person.http.headers['authorization']}"


async def things_of(person: Person, example_photo: bytes) -> dict[str, str]:
    """A photo and an album, as parameters of paths."""
    photo = await person.uploaded(example_photo)
    album = (await person.http.post(f"{API}/albums", json={"name": "Holiday"})).json()
    return {"path.photo_id": photo["id"], "path.album_id": album["id"]}


async def test_what_the_signed_in_are_answered_is_documented(
    server: ServerProcess, tmp_path: Path, example_photo: bytes
) -> None:
    async with somebody(server.url) as person:
        things = await things_of(person, example_photo)
        kept = [f"--exclude-operation-id={operation}" for operation in DESTRUCTIVE]

        explore(server, tmp_path, bearer_of(person), *kept, fixed=things)

        assert things["path.photo_id"] in {each["id"] for each in await person.photos()}
        assert (await person.http.get(f"{API}/albums/{things['path.album_id']}")).status_code == 200


async def test_what_ends_things_is_documented(server: ServerProcess, tmp_path: Path, example_photo: bytes) -> None:
    async with somebody(server.url) as person:
        chosen = [f"--include-operation-id={operation}" for operation in DESTRUCTIVE]

        explore(server, tmp_path, bearer_of(person), *chosen, fixed=await things_of(person, example_photo))


def test_what_nobody_is_answered_is_documented(server: ServerProcess, tmp_path: Path) -> None:
    """Where no token is asked for; what is answered elsewhere without one is one answer, which other tests hold."""
    explore(server, tmp_path, r"--include-path-regex=^/(api/v1/(auth/|hashtags|public/)|[^/]+$)", phases="coverage")


@pytest.fixture(scope="module")
async def person(server: ServerProcess) -> AsyncIterator[Person]:
    """Someone whom no test harms."""
    async with somebody(server.url) as person:
        yield person


@pytest.fixture(scope="module")
async def photo(person: Person, example_photo: bytes) -> str:
    return str((await person.uploaded(example_photo))["id"])


async def assert_refused_or_done(answer: httpx2.Response) -> None:
    assert answer.status_code < 500, (answer.request.url, answer.text)
    if answer.is_error:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text)[:24])
async def test_no_text_makes_it_fail(person: Person, photo: str, example_photo: bytes, text: str) -> None:
    bodies: list[tuple[str, str, Any]] = [
        ("POST", "/auth/register", {"email": text, "password": "long enough"}),
        ("POST", "/auth/register", {"email": f"{text}@example.org", "password": text, "display_name": text}),
        ("POST", "/auth/login", {"email": text, "password": text}),
        ("POST", "/auth/login", {"email": person.email, "password": text}),
        ("POST", "/auth/refresh", {"refresh_token": text}),
        ("POST", "/auth/api-keys", {"name": text, "scopes": ["photos:read"]}),
        ("POST", "/auth/api-keys", {"name": "key", "scopes": [text]}),
        ("PATCH", "/auth/me", {"display_name": text}),
        ("POST", "/hashtags", {"name": text}),
        ("POST", "/albums", {"name": text, "description": text}),
        ("POST", "/albums", {"name": "x", "query": {"q": text, "hashtag": [text]}}),
        ("POST", "/uploads", {"filename": text, "content_type": text, "byte_size": 1, "album_id": text}),
        ("POST", "/share-links", {"photo_ids": [photo], "name": text, "password": text * 4}),
        ("POST", f"/public/{quote(text, safe='')}/unlock", {"password": text}),
        ("PATCH", f"/photos/{photo}", {"title": text}),
        ("PATCH", f"/photos/{photo}", {"description": text}),
        ("PATCH", f"/photos/{photo}", {"hashtags": [text]}),
        ("PATCH", f"/photos/{photo}", {"custom": {"key": text}}),
        ("PATCH", f"/photos/{photo}", {"custom": {text: [text]}}),
        ("PATCH", f"/photos/{photo}", {"taken_at": text}),
        ("PATCH", f"/photos/{photo}", {text: text}),
    ]
    for method, path, body in bodies:
        await assert_refused_or_done(await person.http.request(method, f"{API}{path}", json=body))
    encoded = quote(text, safe="")
    queries = [f"{name}={encoded}" for name in ("q", "hashtag", "cursor", "limit", "taken_after", "sort", encoded)]
    for query in queries:
        await assert_refused_or_done(await person.http.get(f"{API}/photos?{query}"))
    for path in (
        f"/hashtags/search?q={encoded}",
        f"/hashtags?cursor={encoded}",
        f"/auth/sessions?cursor={encoded}",
        f"/auth/login?return_to={encoded}",
        f"/auth/callback?code={encoded}&state={encoded}",
        f"/photos/{encoded}",
    ):
        await assert_refused_or_done(await person.http.get(f"{API}{path}"))
    for method in ("PUT", "DELETE"):
        await assert_refused_or_done(await person.http.request(method, f"{API}/photos/{photo}/hashtags/{encoded}"))
    await assert_refused_or_done(await person.http.delete(f"{API}/auth/sessions/{encoded}"))
    await assert_refused_or_done(
        await person.upload(example_photo + token_bytes(8), text, title=text, description=text, hashtags=text)
    )
    listed = await person.http.get(f"{API}/photos")

    assert listed.status_code == 200


@pytest.mark.parametrize("moment", MOMENTS)
async def test_no_moment_makes_it_fail(person: Person, photo: str, moment: str) -> None:
    key = {"name": "key", "scopes": ["photos:read"], "expires_at": moment}

    await assert_refused_or_done(await person.http.patch(f"{API}/photos/{photo}", json={"taken_at": moment}))
    await assert_refused_or_done(await person.http.post(f"{API}/auth/api-keys", json=key))
    for name in ("taken_after", "taken_before"):
        await assert_refused_or_done(await person.http.get(f"{API}/photos", params={name: moment}))
    for sort in ("taken_at", "-taken_at"):
        listed = await person.http.get(f"{API}/photos", params={"sort": sort})
        assert listed.status_code == 200


@pytest.mark.parametrize(
    "custom", ['{"a": 1e308}', f'{{"a": {"9" * 400}}}', '{"a": -0.0, "b": 5e-324}', '{"a": {"b": {"": [null]}}}', "[]"]
)
async def test_no_number_or_shape_of_custom_data_makes_it_fail(person: Person, photo: str, custom: str) -> None:
    answer = await person.http.patch(f"{API}/photos/{photo}", content=f'{{"custom": {custom}}}')

    await assert_refused_or_done(answer)
    assert photo in {each["id"] for each in await person.photos()}


@pytest.mark.parametrize("agent", [b"\xff\xfe", b"a\tb", b"\xc3\xa9" * 2000, b""])
async def test_no_program_s_name_makes_it_fail(person: Person, agent: bytes) -> None:
    body = {"email": person.email, "password": PASSWORD}
    before = (await person.http.get(f"{API}/auth/sessions")).json()["items"]

    login = await person.http.post(f"{API}/auth/login", json=body, headers={b"User-Agent": agent})
    listed = await person.http.get(f"{API}/auth/sessions")

    assert (login.status_code, listed.status_code, len(listed.json()["items"])) == (200, 200, len(before) + 1)

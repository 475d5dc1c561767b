"""What is written down of paths that hold the token of a share."""

from uuid import UUID

import pytest

from photostore_http.share_paths import told_path

TOKEN = "4YctNSJIlmsKrllCxMy1kv8wjNywJCCh"
PHOTO = UUID(int=7)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/api/v1/public/{TOKEN}/photos/{PHOTO}/file", f"/api/v1/public/{{token}}/photos/{PHOTO}/file"),
        ("/api/v1/public/short", "/api/v1/public/{token}"),
        (f"/s/{TOKEN}", "/s/{token}"),
        (f"/api/v1/public/../{TOKEN}", "/api/v1/public/{token}/{token}"),
        (f"/API/v1/Public/{TOKEN}", "/API/v1/Public/{token}"),
        (f"/api/v1/./public/{TOKEN}/archive", "/api/v1/./public/{token}/archive"),
        (f"/photos/s/{TOKEN})", "/photos/s/{token})"),
        (f"/media/a/{TOKEN}.webp", f"/media/a/{TOKEN}.webp"),
    ],
)
def test_no_token_is_written_down(path: str, told: str) -> None:
    assert told_path(path) == told

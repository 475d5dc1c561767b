"""photostore itself, with its photos in SQLite."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from PIL import Image

ME = {"email": "me@example.org", "password": "correct horse battery"}
PROGRAM = Path(sys.executable).with_name("photostore")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        **os.environ,
        "LOG__LEVEL": "warning",
        "PORT": str(port),
        "DATA_DIR": str(tmp_path / "data"),
        "JWT__SECRET_KEY": "0T1bNAsvvE3OIv5sHnLrCuAvfLFVi3EzboqkbOK_o9KWn4pT5tvNLHPY",
        "ADAPTERS__STORAGE": "photostore_sqlite:SqliteProvider",
        "SQLITE_STORE_FILE": str(tmp_path / "photos.sqlite"),
    }


@pytest.fixture
def api(environment: dict[str, str]) -> Iterator[httpx2.Client]:
    server = subprocess.Popen([PROGRAM, "serve"], env=environment)
    try:
        healthy = f"http://127.0.0.1:{environment['PORT']}/healthz"
        with httpx2.Client(base_url=f"http://127.0.0.1:{environment['PORT']}/api/v1", timeout=120) as client:
            eventually(lambda: client.get(healthy).status_code == 200)
            yield client
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(120)


def told(environment: dict[str, str], command: str) -> str:
    return subprocess.run([PROGRAM, command], env=environment, capture_output=True, text=True, check=True).stdout


def eventually(true: Callable[[], bool], seconds: float = 180) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if true():
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail(f"not within {seconds} seconds")


def test_a_photo_goes_in_and_comes_out(api: httpx2.Client, environment: dict[str, str]) -> None:
    file = BytesIO()
    Image.linear_gradient("L").resize((1200, 900)).save(file, "JPEG")
    api.post("/auth/register", json=ME)
    token = api.post("/auth/login", json=ME).json()["access_token"]
    api.headers["Authorization"] = f"Bearer {token}"

    photo = api.post("/photos", files={"file": ("a.jpg", file.getvalue(), "image/jpeg")}).json()
    eventually(lambda: api.get(f"/photos/{photo['id']}").json()["status"] == "ready")

    assert api.get(photo["file_url"]).content == file.getvalue()
    assert api.get(f"/photos/{photo['id']}/renditions/thumb").status_code == 200
    assert not (Path(environment["DATA_DIR"]) / "blobs").exists()
    assert "1 photos looked at, 0 findings." in told(environment, "fsck")


def test_the_doctor_finds_it_well(environment: dict[str, str]) -> None:
    found = told(environment, "doctor")

    assert "photostore_sqlite:SqliteProvider is there" in found
    assert "What is there is not replaced." in found

"""Where the parts of the tests' world come from, and what becomes of them whatever others do."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.fixtures import images

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder() -> Path:
    return Path(mkdtemp(prefix="parts-"))  # a socket's path must be short


@contextmanager
def a_keeper(folder: Path) -> Iterator[Path]:
    """Where it is asked, until its stdin ends, as that of a pytest that was killed does."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "keeper.sock"))
        listening.listen()
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.fixtures.keeper", str(listening.fileno())],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            pass_fds=[listening.fileno()],
        )
    yield folder / "keeper.sock"
    keeper.communicate(timeout=60)


def asked(path: Path, part: str) -> socket.socket:
    asking = socket.socket(socket.AF_UNIX)
    asking.connect(str(path))
    asking.sendall(f"{part}\n".encode())
    return asking


def test_who_ends_before_the_answer_comes_takes_nobody_s_parts_along(folder: Path) -> None:
    with a_keeper(folder) as path:
        asked(path, "no_part").close()
        with asked(path, "no_part") as asking, asking.makefile() as answer:
            told = json.loads(answer.readline())

    assert "ModuleNotFoundError" in told["failed"]


def test_nothing_is_left_of_a_run_that_ends_without_a_word(folder: Path) -> None:
    with a_keeper(folder):
        pass

    assert not folder.exists()


class BrokenEngine(BaseHTTPRequestHandler):
    """It is there, and knows nothing of its images."""

    def do_GET(self) -> None:
        known = self.path.endswith(("/version", "/_ping"))
        body = b'{"ApiVersion": "1.44"}' if known else b'{"message": "no space left on device"}'
        self.send_response(200 if known else 500)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def broken_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), BrokenEngine) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


@pytest.mark.usefixtures("broken_engine")
def test_an_engine_that_does_not_tell_of_its_images_leaves_parts_to_wheels_and_the_run_says_so() -> None:
    found = images.found({"redis"}, wish="")

    assert found["redis"].startswith("wheel: THE DOCKER ENGINE DOES NOT TELL OF ")
    assert "no space left on device" in found["redis"]


@pytest.mark.usefixtures("broken_engine")
def test_it_ends_a_run_that_wants_containers() -> None:
    with pytest.raises(images.ImageMissing, match="no space left on device"):
        images.found({"redis"}, wish="containers")


def test_an_engine_that_is_named_and_away_leaves_parts_to_wheels_and_the_run_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    found = images.found({"redis"}, wish="")

    assert found == {"redis": f"wheel: NO DOCKER ENGINE ANSWERS AT unix://{tmp_path}/none.sock"}

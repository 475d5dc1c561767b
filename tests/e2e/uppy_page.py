"""The page of docs/uppy.md, with stock Uppy from npm, served from an origin of its own."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.e2e.people import API
from tests.fixtures.oidc import NODE_FOLDER, node

_DOCUMENT = Path(__file__).parents[2] / "docs" / "uppy.md"
# `Tus` is there beside what the document names, for the other way of uploading.
_ENTRY = """
export { default as Uppy } from '@uppy/core'
export { default as AwsS3 } from '@uppy/aws-s3'
export { default as Tus } from '@uppy/tus'
"""
_USE_AWS_S3 = re.compile(r"^uppy\.use\(AwsS3, \{$.*?^\}\)$", re.MULTILINE | re.DOTALL)
_USE = {
    "aws-s3": None,
    "tus": "uppy.use(Tus, { endpoint: `${API}/uploads/tus`, headers })",
}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def write_page(folder: Path, *, server: str, token: str, plugin: str) -> None:
    """As a reader of the document would, with the bundle beside it."""
    found = re.search(r"^```html\n(.*?)^```$", _DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    page = found[1].replace("https://photos.example.org/api/v1", server + API).replace("the access token", token)
    use = _USE[plugin]
    if use is not None:
        page = _USE_AWS_S3.sub(lambda _: use, page).replace("AwsS3 }", "Tus }")
    (folder / "index.html").write_text(page)
    _bundle(folder / "uppy.js")


def _bundle(file: Path) -> None:
    esbuild = [node(), "node_modules/esbuild/bin/esbuild", "--bundle", "--format=esm", f"--outfile={file}"]
    subprocess.run([*esbuild, "--log-level=error"], cwd=NODE_FOLDER, input=_ENTRY, text=True, check=True, timeout=60)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Its URL: another origin than the service's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/index.html"
        finally:
            server.shutdown()
            thread.join()

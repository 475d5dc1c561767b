"""What the check of the built documentation finds."""

from pathlib import Path

import pytest

from docs_site.checking import mistakes


def a_site(folder: Path, **pages: str) -> Path:
    for name, body in pages.items():
        (folder / f"{name}.html").write_text(f"<html><body>{body}</body></html>")
    return folder


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/a.css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img src="a.png" srcset="a.png 1x, https://cdn.example/b.png 2x">',
        '<p style="background: url(https://cdn.example/a.png)">',
        "<style>@import 'https://cdn.example/a.css';</style>",
        "<script>fetch('https://api.example/')</script>",
        '<svg><use href="https://cdn.example/a.svg#b"></use></svg>',
    ],
)
def test_whatever_comes_from_another_host_is_found(tmp_path: Path, body: str) -> None:
    site = a_site(tmp_path, index=body)

    found = list(mistakes(site))

    assert len(found) == 1
    assert found[0].startswith("index.html fetches ")
    assert ".example" in found[0]


def test_a_style_sheet_that_fetches_from_another_host_is_found(tmp_path: Path) -> None:
    site = a_site(tmp_path, index="")
    (site / "main.css").write_text("a { background: url('https://cdn.example/a.png'), url(data:image/png;base64,AA) }")

    found = list(mistakes(site))

    assert found == ["main.css fetches https://cdn.example/a.png"]


def test_links_and_anchors_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    links = ["b.html", "b.html#there", "#here", "https://example.org/", "c.html", "b.html#gone", "#away"]
    body = "".join(f'<a href="{link}">to</a>' for link in links)
    site = a_site(tmp_path, a=f'<h1 id="here">{body}</h1>', b='<h2 id="there"></h2>')

    found = list(mistakes(site))

    assert found == [f"a.html links to {link}" for link in ("c.html", "b.html#gone", "#away")]

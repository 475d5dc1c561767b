"""What is put into the pages as the documentation is built."""

from docs_site.building import SETTINGS_HERE, on_page_markdown
from photostore_adapters.settings.schema import KEYS


def test_the_page_of_settings_tells_every_one_of_them() -> None:
    page = on_page_markdown(f"# Settings\n\n{SETTINGS_HERE}\n")

    assert page.count("\n### ") == len(KEYS)
    assert "### s3.stall_seconds\n\n`S3__STALL_SECONDS` — a whole number from 1 to 3600; default `30`\n" in page
    assert "`JWT__SECRET_KEY` — secret, null or text that is not empty; default `null`" in page


def test_a_bar_in_code_within_a_table_is_shown_as_a_bar() -> None:
    assert on_page_markdown(r"| `a \| b` | c \| d |") == r"| `a | b` | c \| d |"

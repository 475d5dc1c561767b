"""How commands talk: sizes as they are typed, tables for people, JSON for scripts, and what they refuse to begin."""

import json
from datetime import UTC, datetime
from uuid import UUID

import click
import pytest
from click.testing import CliRunner

from photostore_http.cli import Commands, main
from photostore_http.cli_administration import SERVICE_QUOTA, ByteSize
from photostore_http.commands.tables import Table, bytes_told, show
from photostore_http.commands.telling import agreed

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "byte_size"),
    [
        ("5000", 5000),
        ("500M", 500 << 20),
        ("10GiB", 10 << 30),
        ("10 gb", 10_000_000_000),
        ("1.5K", 1536),
        ("0", 0),
        (str((1 << 62) - 1), (1 << 62) - 1),
        ("default", SERVICE_QUOTA),
    ],
)
def test_a_size_is_read_as_people_type_it(typed: str, byte_size: int) -> None:
    assert ByteSize().convert(typed, None, None) == byte_size


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "quota", "ada", "much"),
        ("user", "quota", "ada", "-1"),
        ("user", "quota", "ada", "4096P"),
        ("user", "quota", "ada", "9" * 400),
        ("user", "create", "ada@example.test"),
        ("user", "set-password", "ada@example.test"),
        ("jobs", "retry"),
        ("jobs", "retry", "4", "--all"),
        ("jobs", "retry", "x"),
        ("jobs", "retry", str(1 << 63)),
        ("jobs", "discard"),
        ("jobs", "discard", "--yes", str(1 << 63)),
        ("jobs", "list", "--status", "queued"),
        ("jobs", "list", "--name", "\udcff"),
        ("jobs", "retry", "--name", "\udcff"),
        ("user", "list", "--search", "\udcff"),
    ],
    ids=ascii,
)
def test_a_wrong_call_ends_with_2_before_anything_is_done(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, arguments)

    assert done.exit_code == 2
    assert "Usage: " in done.stderr


@pytest.mark.parametrize("broken_off", [KeyboardInterrupt, click.Abort])
def test_what_is_broken_off_is_not_taken_for_something_that_is_wrong(broken_off: type[BaseException]) -> None:
    @click.group(cls=Commands)
    def commands() -> None: ...

    @commands.command()
    def doctor() -> None:
        raise broken_off

    assert CliRunner().invoke(commands, ["doctor"]).exit_code == 130


def test_a_password_that_is_no_text_is_refused() -> None:
    done = CliRunner().invoke(main, ("user", "create", "ada@example.test", "--password-stdin"), input=b"\xff" * 9)

    assert done.exit_code == 2
    assert "not UTF-8" in done.stderr


def test_a_table_cuts_nothing_off_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("x" * 300, "[red]Ada\x1b[31m", None, NOW, True)]

    show(None, Table(columns=("Id", "Name", "Seen", "At", "Admin"), rows=rows), as_json=False)

    told = capsys.readouterr().out
    assert "x" * 300 in told
    assert "[red]Ada?[31m" in told
    assert all(cell in told for cell in (" - ", "2026-06-01 12:00:00", "yes"))


def test_json_is_what_the_api_would_tell(capsys: pytest.CaptureFixture[str]) -> None:
    show({"id": UUID(int=7), "at": NOW, "none": None}, as_json=True)

    assert json.loads(capsys.readouterr().out) == {
        "id": "00000000-0000-0000-0000-000000000007",
        "at": "2026-06-01T12:00:00Z",
        "none": None,
    }


@pytest.mark.parametrize(
    ("byte_size", "told"),
    [(None, None), (0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (-(5 << 30), "-5.0 GiB"), (1 << 62, "4096.0 PiB")],
)
def test_sizes_are_told_as_people_read_them(byte_size: int | None, told: str | None) -> None:
    assert bytes_told(byte_size) == told


def test_what_was_agreed_to_beforehand_is_told_and_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert agreed("Everything goes.", yes=True)

    assert capsys.readouterr().err == "Everything goes.\n"

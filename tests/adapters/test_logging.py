"""What the logs say, and what they never say."""

import json
import logging
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
import structlog

from photostore_adapters.observability.logging import configure_logging, log_context
from photostore_adapters.observability.masking import masked_text


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def out() -> StringIO:
    stream = StringIO()
    configure_logging("info", "auto", stream)
    return stream


def lines(out: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_both_kinds_of_logger_write_the_same_json_lines(out: StringIO) -> None:
    with log_context(request_id="r1", user_id=UUID(int=7)):
        structlog.get_logger("photostore.photos").info("photo stored", byte_size=5)
        logging.getLogger("photostore.photos").info("photo %s", "stored", extra={"byte_size": 5})
    logging.getLogger("other").info("outside")

    ours, theirs, outside = lines(out)

    assert ours.pop("timestamp").endswith("Z")
    assert theirs.pop("timestamp").endswith("Z")
    assert ours == theirs
    assert ours == {
        "level": "info",
        "event": "photo stored",
        "logger": "photostore.photos",
        "request_id": "r1",
        "user_id": "00000000-0000-0000-0000-000000000007",
        "byte_size": 5,
    }
    assert "request_id" not in outside


def test_an_exception_is_a_structure_without_the_values_of_its_variables(out: StringIO) -> None:
    def sign_in() -> None:
        seed = "hunter" + "2"
        raise RuntimeError(f"refused after {len(seed)} letters, token=abc.def")

    for log in (structlog.get_logger("a"), logging.getLogger("a")):
        try:
            sign_in()
        except RuntimeError:
            log.exception("sign-in failed")

    ours, theirs = lines(out)

    assert ours["exception"] == theirs["exception"]
    (trace,) = ours["exception"]
    assert trace["exc_type"] == "RuntimeError"
    assert trace["exc_value"] == "refused after 7 letters, token=***"
    assert trace["frames"][-1]["name"] == "sign_in"
    assert "hunter2" not in out.getvalue()


def test_a_terminal_gets_aligned_text_in_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured, plain = Terminal(), StringIO()

    for stream, form in ((coloured, "auto"), (plain, "text")):
        configure_logging("info", form, stream)  # type: ignore[arg-type]
        structlog.get_logger("a").warning("quota nearly used", owner="x\x1b[31m", secret_key="hidden")

    assert "\x1b[" in coloured.getvalue()
    assert (
        plain.getvalue()[8:]
        == " [warning  ] quota nearly used                        [a] owner=x\\x1b[31m secret_key=***\n"
    )


def test_a_terminal_shows_a_traceback_as_people_know_it() -> None:
    out = StringIO()
    configure_logging("info", "text", out)

    try:
        raise ValueError("password='hidden'")
    except ValueError:
        structlog.get_logger("a").exception("broken")

    assert 'File "' in out.getvalue()
    assert out.getvalue().endswith("ValueError: password=***\n")


def test_a_record_below_the_level_is_not_even_formatted(out: StringIO) -> None:
    class Costly:
        def __str__(self) -> str:
            raise AssertionError("formatted")

        __repr__ = __str__

    structlog.get_logger("a").debug("details", value=Costly())
    logging.getLogger("a").debug("details %s", Costly())

    assert out.getvalue() == ""


def test_migrations_are_told_and_looking_for_some_is_not() -> None:
    out = StringIO()
    configure_logging("info", "json", out)

    for message in ("Context impl %s.", "Running %s"):
        logging.getLogger("alembic.runtime.migration").info(message, "it")

    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["Running it"]


@pytest.mark.parametrize(
    ("name", "level", "told"),
    [
        ("uvicorn.error", logging.INFO, True),
        ("uvicorn.access", logging.INFO, False),
        ("alembic.runtime.plugins", logging.INFO, False),
        ("alembic.runtime.migration", logging.INFO, False),
        ("alembic.runtime.migration", logging.WARNING, True),
        ("pgqueuer", logging.INFO, False),
        ("sqlalchemy.engine.Engine", logging.INFO, False),
        ("botocore.auth", logging.DEBUG, False),
        ("botocore.auth", logging.ERROR, True),
        ("photostore.jobs", logging.DEBUG, True),
    ],
)
def test_libraries_tell_what_an_operator_needs_even_when_debugging(name: str, level: int, told: bool) -> None:
    out = StringIO()
    configure_logging("debug", "json", out)

    logging.getLogger(name).log(level, "something")

    assert bool(out.getvalue()) == told


def test_uvicorn_does_not_say_things_twice(out: StringIO) -> None:
    configure_logging("info", "json", out)

    logging.getLogger("uvicorn.error").info("Started on %s", "port", extra={"color_message": "\x1b[1mStarted"})

    (line,) = lines(out)
    assert (line["event"], line["logger"]) == ("Started on port", "uvicorn.error")
    assert "color_message" not in line


def test_secret_fields_are_masked_at_any_depth(out: StringIO) -> None:
    structlog.get_logger("a").info(
        "request",
        password="hidden",
        code="hidden",
        refresh_token="hidden",
        headers=[(b"Authorization", b"hidden"), (b"accept", b"image/*")],
        body={"user": {"api-key": "hidden", "name": "Ada"}, "codes": ["hidden"]},
        error=ValueError("https://h/cb?code=hidden&state=hidden"),
        token=None,
        status_code=404,
        state="completed",
    )

    (line,) = lines(out)

    assert "hidden" not in out.getvalue()
    assert line["headers"] == [["Authorization", "***"], ["accept", "image/*"]]
    assert line["body"]["user"] == {"api-key": "***", "name": "Ada"}
    assert (line["token"], line["status_code"], line["state"]) == (None, 404, "completed")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET /api/v1/auth/callback?code=abc&state=xyz&x=1", "GET /api/v1/auth/callback?code=***&state=***&x=1"),
        ("http://s3/b/k?X-Amz-Date=1&X-Amz-Signature=ff00", "http://s3/b/k?X-Amz-Date=1&X-Amz-Signature=***"),
        ("/media/1/thumb?exp=5&sig=ab_c-d", "/media/1/thumb?exp=5&sig=***"),
        ("grant_type=x&refresh_token=abc", "grant_type=x&refresh_token=***"),
        ("Authorization: Bearer abcdefgh.ijk rest", "Authorization: Bearer *** rest"),
        ("Cookie: session=1; other=2\nnext", "Cookie: ***\nnext"),
        ("postgresql://app:pass@word@db/photos", "postgresql://app:***@db/photos"),
        ("""{"access_token": "abc", "n": 1}""", """{"access_token": ***, "n": 1}"""),
        ("Settings(client_secret='a b', n=1)", "Settings(client_secret=***, n=1)"),
        ("seen eyJhbGciOiJI.eyJzdWIi.c2ln here", "seen *** here"),
        ("with psk_AbC-12_3", "with psk_***"),
        ("the process ended with exit code=3", "the process ended with exit code=3"),
        ("invalid token: expired", "invalid token: expired"),
        ("lone \udc80 surrogate", "lone \\udc80 surrogate"),
    ],
)
def test_texts_are_masked_by_their_look(text: str, masked: str) -> None:
    assert masked_text(text) == masked


def test_masking_long_hostile_text_stays_cheap() -> None:
    for text in ("token" * 20_000, "://" * 20_000, "a=" + "password" * 20_000, "?code" * 20_000, "://u:" * 20_000):
        assert masked_text(text + "=")


def test_configuring_again_leaves_other_handlers_and_one_of_ours(out: StringIO) -> None:
    other = logging.NullHandler()
    logging.getLogger().addHandler(other)

    configure_logging("info", "json", out)
    configure_logging("info", "json", out)
    logging.getLogger("a").info("once")

    assert other in logging.getLogger().handlers
    assert len(lines(out)) == 1


def test_the_default_stream_is_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()

    structlog.get_logger("a").info("hello")

    assert json.loads(capsys.readouterr().err)["event"] == "hello"
    assert not sys.stdout.isatty()

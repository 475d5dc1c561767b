"""One pipeline for every log line, whether it was logged with structlog or with the standard library.

Inside, log with `structlog.get_logger(__name__)`, a constant sentence and keyword arguments. Give uvicorn
`log_config=None` and `log_level=None`, so that it leaves all this as it is.
"""

import logging
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO

import msgspec
import structlog
from structlog.contextvars import bind_contextvars, reset_contextvars
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import ExceptionRenderer, StackInfoRenderer, TimeStamper
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from .masking import mask_secrets

_MIGRATION = "alembic.runtime.migration"
# What each library has to say at the least, whatever level is set: below it they tell their own inside, or parameters
# of statements, or requests that are logged here already.
_QUIET = {
    "uvicorn": logging.INFO,
    "uvicorn.access": logging.WARNING,
    "pgqueuer": logging.WARNING,
    "alembic": logging.WARNING,
    _MIGRATION: logging.INFO,
    "sqlalchemy": logging.WARNING,
    "advanced_alchemy": logging.WARNING,
    "asyncio": logging.WARNING,
    "aiohttp": logging.WARNING,
    "aioboto3": logging.WARNING,
    "aiobotocore": logging.WARNING,
    "boto3": logging.WARNING,
    "botocore": logging.WARNING,
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
    "urllib3": logging.WARNING,
    "PIL": logging.WARNING,
    "opentelemetry": logging.ERROR,
}


def configure_logging(
    level: str = "info",
    format: Literal["auto", "text", "json"] = "auto",
    stream: TextIO | None = None,
) -> None:
    """Log to `stream` (by default stderr) from `level` on. `auto` is text on a terminal and JSON lines elsewhere.

    May be called again; loggers that have been used by then keep what they were first configured with.
    """
    out = sys.stderr if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level.upper()]
    rest = _text_tail(out) if format == "text" or (format == "auto" and out.isatty()) else _json_tail()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.stdlib.add_logger_name, *rest],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *names: _Lines(out, *names),
        cache_logger_on_first_use=True,
    )
    _configure_standard_library(threshold, out, rest)


def log_context(
    *, request_id: str | None = None, user_id: object = None, job_id: object = None
) -> AbstractContextManager[None]:
    """Tell these ids in every line that is logged inside, also by what is awaited there."""
    ids = {"request_id": request_id, "user_id": user_id, "job_id": job_id}
    return _Told({name: str(value) for name, value in ids.items() if value is not None})


class _Told(AbstractContextManager[None]):
    """structlog's `bound_contextvars` is the same as a generator, which costs every request twice as much."""

    __slots__ = ("_ids", "_tokens")

    def __init__(self, ids: dict[str, str]) -> None:
        self._ids = ids

    def __enter__(self) -> None:
        self._tokens = bind_contextvars(**self._ids)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        reset_contextvars(**self._tokens)


class _Lines(structlog.WriteLogger):
    """Writes whole lines; `name` is what the logger was asked for."""

    def __init__(self, stream: TextIO, name: str = "photostore") -> None:
        super().__init__(stream)
        self.name = name


class _OurHandler(logging.StreamHandler[TextIO]):
    """Told apart from the handlers of others, which are left in place."""


def _configure_standard_library(threshold: int, stream: TextIO, rest: Sequence[Processor]) -> None:
    handler = _OurHandler(stream)
    own: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        ExtraAdder(),
        ProcessorFormatter.remove_processors_meta,
        _drop_repetitions,
    ]
    handler.setFormatter(ProcessorFormatter(processors=[*own, *rest]))
    root = logging.getLogger()
    root.handlers = [*(each for each in root.handlers if not isinstance(each, _OurHandler)), handler]
    root.setLevel(threshold)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, threshold))
    logging.getLogger(_MIGRATION).addFilter(_runs_migration)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # in case uvicorn was there first
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


def _runs_migration(record: logging.LogRecord) -> bool:
    """Every command looks at the revision; only where something is migrated there is news."""
    return record.levelno > logging.INFO or record.getMessage().startswith("Running ")


def _json_tail() -> list[Processor]:
    return [
        StackInfoRenderer(),
        # Without the frames' variables, which hold passwords and tokens.
        ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        mask_secrets,
        structlog.stdlib.add_log_level,
        _json_line,
    ]


def _text_tail(stream: TextIO) -> list[Processor]:
    colors = stream.isatty() and "NO_COLOR" not in os.environ
    return [
        StackInfoRenderer(),
        ExceptionRenderer(),
        mask_secrets,
        _escape_controls,
        structlog.stdlib.add_log_level,
        TimeStamper(fmt="%H:%M:%S", utc=False),
        ConsoleRenderer(colors=colors, pad_event_to=40, sort_keys=False, exception_formatter=plain_traceback),
    ]


_encode = msgspec.json.Encoder().encode


def _json_line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    first = {"timestamp": datetime.now(UTC), "level": event.pop("level"), "event": event.pop("event", "")}
    return _encode({**first, **event}).decode()


def _drop_repetitions(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # uvicorn says everything twice, once in colours; other handlers leave what they made on the record.
    for name in ("color_message", "message", "asctime"):
        event.pop(name, None)
    return event


# So that nothing a client sent can steer the terminal; line ends and tabs are left.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def _escape_controls(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: value.translate(_CONTROLS) if isinstance(value, str) else value for key, value in event.items()}

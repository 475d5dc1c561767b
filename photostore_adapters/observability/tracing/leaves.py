"""Spans of what is asked of others."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType

from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode, Tracer, get_current_span

Attributes = Mapping[str, str | int]


def mark_failed(span: Span, error: BaseException) -> None:
    """By the name of its class alone: what errors say may be people's."""
    span.set_attribute("error.type", type(error).__qualname__)
    span.set_status(StatusCode.ERROR)


class Leaves:
    """Only within a trace that is recorded: what a process asks for by itself, again and again, makes none."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def leaf(
        self,
        name: str,
        attributes: Attributes,
        *,
        kind: SpanKind = SpanKind.CLIENT,
        fine: tuple[type[BaseException], ...] = (),
    ) -> AbstractContextManager[Span]:
        """A span around the block. `fine` are errors that are answers. It is nobody's parent, so the block may be left
        anywhere, as those of generators are."""
        if not get_current_span().is_recording():
            return _NONE
        return _Leaf(self._tracer.start_span(name, kind=kind, attributes=attributes), fine)


class _Leaf(AbstractContextManager[Span]):
    __slots__ = ("_fine", "_span")

    def __init__(self, span: Span, fine: tuple[type[BaseException], ...]) -> None:
        self._span = span
        self._fine = fine

    def __enter__(self) -> Span:
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, self._fine):
            self._span.set_attribute("error.type", type(error).__qualname__)
        elif error is not None and not isinstance(error, GeneratorExit):
            mark_failed(self._span, error)
        self._span.end()


class _None(AbstractContextManager[Span]):
    __slots__ = ()

    def __enter__(self) -> Span:
        return INVALID_SPAN

    def __exit__(self, *_: object) -> None: ...


_NONE = _None()

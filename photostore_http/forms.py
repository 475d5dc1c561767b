"""Multipart forms (RFC 7578), read as they arrive: nothing is collected but the short fields."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from photostore.shared.errors import FieldError, Malformed
from photostore.upload.errors import UploadInterrupted, UploadInvalid, UploadStalled
from photostore.upload.form import FIELDS, IncomingFile, IncomingForm
from photostore_http.body_print import RunningPrint
from photostore_http.digests import CONTENT_DIGEST
from photostore_http.requests import BodyInterrupted, BodyStalled

FILE_FIELD = "file"
# The server's own pieces are smaller; this bounds what one announces that it will not send on.
_SMALL = 1_048_576
# What the headers of all parts before the file may take, and whatever stands before the first boundary.
_HEADERS_BYTES = 16_384
# RFC 8187; names of parts are no business of it (RFC 7578, 4.2), but some clients write them so.
_EXTENDED_NAME = re.compile(r";\s*filename\*\s*=\s*(utf-8|iso-8859-1)'[^';]*'([^;\s]*)", re.IGNORECASE)


class NotAForm(Malformed):
    title = "The body is no multipart form."


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLimits:
    """`max_fields_bytes` of all fields together."""

    max_fields_bytes: int


class FormReader(IncomingForm):
    """One pass over the body: the fields before the file, the file in pieces, the fields after it."""

    def __init__(self, request: Request[Any, Any, Any], limits: FormLimits) -> None:
        self._limits = limits
        # Of a request that may be sent again: what of the form was read for its answer.
        self._print: RunningPrint | None = request.scope.get("body_print")  # type: ignore[assignment]
        self._pieces = request.stream()
        self._is_digested = CONTENT_DIGEST in request.headers
        self._length = _content_length(request)
        self._boundary = _boundary(request.headers.get("content-type", ""))
        # Some routes take other fields than the owner's upload.
        self._known: frozenset[str] = request.route_handler.opt.get("fields", FIELDS)
        self._parser = PushMultipartParser(self._boundary, max_segment_count=len(self._known) + 2)
        self._seen = bytearray()
        self._segments = 0
        self._fields: dict[str, str] = {}
        self._fields_bytes = 0
        self._file: MultipartSegment | None = None
        # One walk over the whole body, which each method carries on where the one before it stopped.
        self._steps = self._walk()

    @property
    def fields(self) -> Mapping[str, str]:
        return self._fields

    async def file(self) -> IncomingFile:
        async for event in self._steps:
            if event is self._file and event is not None:
                return IncomingFile(filename=_filename(event), at_most=self._at_most(), chunks=self._chunks())
        raise UploadInvalid("The form has no file.", errors=[FieldError(FILE_FIELD, "is missing")])

    async def rest(self) -> None:
        async for _ in self._steps:
            pass

    async def read_until(self, is_enough: Callable[[], bool]) -> None:
        """To the end, or as soon as it is enough."""
        while not is_enough():
            if await anext(self._steps, self) is self:
                return

    async def _chunks(self) -> AsyncIterator[bytes]:
        expected = self._at_most()
        async for event in self._steps:
            if event is None:
                return
            if isinstance(event, bytearray | bytes):
                if expected is not None:
                    expected -= len(event)
                    if expected < 0:
                        raise NotAForm("The form must end with its closing boundary and a line break.")
                yield bytes(event)

    async def _walk(self) -> AsyncIterator[Any]:
        """The file's segment when it begins, its bytes, and `None` at its end; fields are kept aside meanwhile."""
        field, value = "", bytearray()
        async for event in self._parsed():
            if isinstance(event, MultipartSegment):
                self._segments += 1
                field, value = self._begin(event), bytearray()
                if field == FILE_FIELD:
                    self._file = event
                    yield event
            elif field == FILE_FIELD:
                yield event
            elif event is None:
                self._fields[field] = _text(field, value)
            else:
                value += event
                self._count(field, len(event))

    async def _parsed(self) -> AsyncIterator[Any]:
        try:
            while (piece := await self._receive()) is not None:
                if self._file is None:
                    self._seen += piece
                event: Any = None
                for event in self._parser.parse(piece):
                    self._note(event)
                    yield event
                self._demand_file_soon()
                if event is None and self._is_complete():
                    await self._skip_rest()
                    return
            self._parser.close()
        except MultipartError as error:
            raise NotAForm(f"The body is no multipart form: {error.args[0]}.") from None

    async def _skip_rest(self) -> None:
        """What follows the closing boundary means nothing, and is waited for only where a digest counts it."""
        while self._is_digested and await self._receive() is not None:
            pass

    def _note(self, event: Any) -> None:
        """Fields and files, not the boundary between them, nor how they came in pieces."""
        if self._print is None:
            return
        if isinstance(event, MultipartSegment):
            self._print.begin(event.name or "", event.filename or "")
        elif event is None:
            self._print.end()
        else:
            self._print.take(bytes(event))

    def _is_complete(self) -> bool:
        """The parser tells it in one way alone: it can be closed. A copy is, as that is for good."""
        try:
            copy(self._parser).close()
        except MultipartError:
            return False
        return True

    def _demand_file_soon(self) -> None:
        if self._file is None and len(self._seen) > self._limits.max_fields_bytes + _HEADERS_BYTES:
            raise NotAForm("The form begins with too much that is neither a field nor the file.")

    async def _receive(self) -> bytes | None:
        try:
            return await anext(self._pieces, None)
        except BodyStalled as error:
            raise UploadStalled(error.detail) from None
        except BodyInterrupted:
            raise UploadInterrupted("The client went away before the end of the form.") from None

    def _begin(self, segment: MultipartSegment) -> str:
        name = segment.name or ""
        if name == FILE_FIELD and self._file is None:
            return name
        if name == FILE_FIELD or name in self._fields:
            raise UploadInvalid(f"The field {name} is there twice.", errors=[FieldError(name, "only once")])
        if name not in self._known:
            known = ", ".join(sorted(self._known | {FILE_FIELD}))
            raise UploadInvalid("The form has an unknown field.", errors=[FieldError(name[:80], f"known are {known}")])
        return name

    def _count(self, field: str, size: int) -> None:
        self._fields_bytes += size
        if self._fields_bytes > self._limits.max_fields_bytes:
            message = f"all fields together may have {self._limits.max_fields_bytes} bytes"
            raise UploadInvalid("The fields are too long.", errors=[FieldError(field, message)])

    def _at_most(self) -> int | None:
        """What remains for the file when nothing comes after it; unknown for small ones, and without a length."""
        if self._length is None:
            return None
        closing = len(self._boundary) + len("\r\n----\r\n")
        remaining = self._length - self._file_start() - closing
        return remaining if remaining > _SMALL else None

    def _file_start(self) -> int:
        """Where the bytes of the segment that began last begin in the body."""
        delimiter, position = b"--" + self._boundary.encode() + b"\r\n", 0
        for _ in range(self._segments):
            position = self._seen.find(delimiter, position) + len(delimiter)
        return self._seen.find(b"\r\n\r\n", position) + 4


def _filename(file: MultipartSegment) -> str | None:
    """As told, or else as told with an encoding: `filename*=UTF-8''fr%C3%BCh.jpg`."""
    if file.filename is not None:
        return str(file.filename)
    extended = _EXTENDED_NAME.search(file.header("Content-Disposition", ""))
    return unquote(extended[2], encoding=extended[1], errors="replace") if extended else None


def _content_length(request: Request[Any, Any, Any]) -> int | None:
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else None


def _boundary(content_type: str) -> str:
    kind, options = parse_options_header(content_type)
    boundary = str(options.get("boundary", ""))
    if kind != "multipart/form-data" or not 1 <= len(boundary) <= 70 or not boundary.isascii():
        raise NotAForm("Send the file as multipart/form-data with a boundary.")
    return boundary


def _text(field: str, value: bytearray) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise UploadInvalid("A field is not UTF-8.", errors=[FieldError(field, "must be UTF-8")]) from None

"""The server's own protocol, with what uvicorn leaves open: how long a request's head may be, and how slow a client."""

import socket
from asyncio import TimerHandle
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# The URL and all headers together; the longest cookies and tokens are far smaller.
MAX_HEAD_BYTES = 65_536
# From the connection, or the first byte after another request, to the last byte of the head. No honest client needs it.
HEAD_SECONDS = 10.0


class HeadTooLarge(Exception):
    """Raised through the parser, so that it stops where it is."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Closes connections whose request heads take too long or are too large, and those whose answers nobody takes."""

    head_seconds = HEAD_SECONDS
    # How long the rest of a body that was answered already may stop coming.
    rest_seconds = 5.0
    # How long a client that has bytes to read may read none of them.
    stall_seconds = 30.0
    # Where answers go on for as long as their clients like.
    endless_path: str | None = None
    # Set on the class when the server is about to stop.
    is_last_answer = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._refused = False
        # What came since the parser last told of something whole: it keeps that, in the head and in trailers alike.
        self._untold_bytes = 0
        self._deadline: TimerHandle | None = None
        self._stall: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_deadline()
        self._clear_stall()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._untold_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._untold_bytes > MAX_HEAD_BYTES:
            self._refuse()
        elif self._in_head:
            if self._deadline is None:
                self._set_deadline()
        elif not self._is_answering():
            self._wait_for_the_rest()

    def on_header(self, name: bytes, value: bytes) -> None:
        # Nobody reads trailers, and uvicorn would keep them.
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        head_bytes = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if head_bytes > MAX_HEAD_BYTES:
            self._untold_bytes = head_bytes
            raise HeadTooLarge
        super().on_headers_complete()
        if self.is_last_answer:
            self.cycle.keep_alive = False
        self._in_head, self._untold_bytes = False, 0
        self._clear_deadline()
        if self.scope["path"].rstrip("/") == self.endless_path:
            self._expect_taking()

    def _expect_taking(self) -> None:
        """Whose machine was turned off, or moved to another network, says nothing: the kernel would go on sending for a quarter
        of an hour, and the client count as one that is there. Too little is sent for it ever to wait here."""
        unanswered = getattr(socket, "TCP_USER_TIMEOUT", None)
        connection = self.transport.get_extra_info("socket")
        if unanswered is not None and connection is not None:
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, unanswered, int(self.stall_seconds * 1000))

    def on_body(self, body: bytes) -> None:
        self._untold_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._untold_bytes = True, 0

    def take_leave(self) -> None:
        """The answer under way is the last one of this connection."""
        if self._is_answering():
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """uvicorn's answer to what it cannot parse."""
        if self._in_head and self._untold_bytes > MAX_HEAD_BYTES:
            self._refuse()
        else:
            super().send_400_response(msg)

    def _refuse(self) -> None:
        """Unless another request of the same connection is being answered: its client would take this for that."""
        if self._is_answering():
            self.transport.close()
        elif not self._refused:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            body = msgspec.json.encode({"type": "about:blank", "title": status.phrase, "status": status.value})
            self.transport.write(
                b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\n"
                b"connection: close\r\n\r\n%s" % (status, status.phrase.encode(), len(body), body)
            )
            # What is still on its way is thrown away: closed on top of it, the connection would lose the answer.
            self._refused = True
            self.transport.write_eof()
            self._clear_deadline()
            self._set_deadline()

    def _is_answering(self) -> bool:
        # There is no cycle before the first request.
        return not getattr(self.cycle, "response_complete", True)

    def _set_deadline(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._on_deadline)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        if self._is_answering():
            self._set_deadline()  # the next request waits for this one's answer, whoever is slow
        else:
            self.transport.close()

    def _wait_for_the_rest(self) -> None:
        """Of a body that was answered before its end: as long as it goes on coming, no longer."""
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.rest_seconds, self.timeout_keep_alive_handler)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._clear_stall()
        super().resume_writing()

    def _watch(self, unread: int) -> None:
        self._clear_stall()
        self._stall = self.loop.call_later(self.stall_seconds, self._on_stall, unread)

    def _on_stall(self, unread: int) -> None:
        """Closing would wait for the client to read; this lets go of it, and of whatever the answer holds open."""
        still_unread = self.transport.get_write_buffer_size()
        if still_unread < unread:
            self._watch(still_unread)
        else:
            self.transport.abort()

    def _clear_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

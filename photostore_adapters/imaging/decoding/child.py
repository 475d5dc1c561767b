"""A decoder process: answers one question after the other until the socket is closed."""

import errno
import faulthandler
import math
import os
import signal
import socket
import sys
import traceback
from array import array
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from photostore.photo.picture import Failure
from photostore_adapters.imaging.decoding.confinement import (
    die_with,
    forbid_the_outside,
    limit_cpu,
    limit_for_good,
)
from photostore_adapters.imaging.decoding.task import Refusal, Report, Task, Undecodable
from photostore_adapters.imaging.processes.wire import (
    LENGTH_BYTES,
    Answer,
    Proof,
    Prove,
    Question,
    Ready,
    Setup,
    Unable,
    frame,
    length_of,
    question,
)

_MOST_DESCRIPTORS = 100
_RECEIVE_BYTES = 64 << 10
_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)  # Linux has it
# The server kills at its own limit; these seconds later we go by ourselves, in case there is no server any more.
_GRACE_SECONDS = 5
# The disk's faults, and the installation's; the picture is not to blame.
_NOT_THE_PICTURE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EPERM, errno.EACCES}
# Encoded beforehand: there may be no memory left for it.
_OUT_OF_MEMORY = frame(Refusal(failure=Failure.OUT_OF_MEMORY, detail="Decoding needs too much memory."))


def main() -> None:
    control, parent = (int(argument) for argument in sys.argv[1:])
    die_with(parent)
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # a service manager tells all of us to stop: the server decides when
    faulthandler.enable()
    server = socket.socket(fileno=control)
    try:
        _serve(server)
    except BaseException:  # noqa: BLE001 - told while the socket is open: when it closes, the server stops listening
        traceback.print_exc()
        os._exit(1)
    # Nothing is put in order: the libraries have had hostile bytes in them, and there is nothing to save.
    os._exit(0)


def _serve(server: socket.socket) -> None:
    setup, _ = _received(server)
    if not isinstance(setup, Setup):
        return
    limit_for_good(memory_bytes=setup.memory_bytes, file_bytes=setup.file_bytes)
    decoder = _Decoder(setup)
    forbid_the_outside(files=setup.files)  # now that everything is imported
    server.sendall(frame(Ready()))
    while (received := _received(server))[0] is not None:
        server.sendall(decoder.answer(*received))


class _Decoder:
    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._decode: Callable[[int, Task, Sequence[int]], Report] = _imported(setup.decode)
        self._prove: Callable[[], dict[str, str | None]] = _imported(setup.prove)

    def answer(self, asked: Question | None, descriptors: Sequence[int]) -> bytes:
        limit_cpu(self._setup.cpu_seconds)
        signal.alarm(math.ceil(self._setup.wall_seconds) + _GRACE_SECONDS)
        try:
            return frame(self._answer(asked, descriptors))
        except MemoryError:
            return _OUT_OF_MEMORY
        finally:
            signal.alarm(0)
            for descriptor in descriptors:
                os.close(descriptor)

    def _answer(self, asked: Question | None, descriptors: Sequence[int]) -> Answer:
        try:
            match asked:
                case Task() if len(descriptors) == 1 + len(asked.recipes):
                    return self._decode(descriptors[0], asked, descriptors[1:])
                case Prove():
                    return Proof(faults=self._prove())
                case _:
                    return Unable(detail=f"not asked properly: {len(descriptors)} descriptors arrived")
        except Undecodable as refusal:
            return Refusal(failure=refusal.failure, detail=refusal.detail)
        except MemoryError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, the server must hear of it
            return _told(fault)


def _told(fault: Exception) -> Answer:
    traceback.print_exception(fault)  # the server reads our stderr; the picture's owner does not
    if isinstance(fault, OSError) and fault.errno in _NOT_THE_PICTURE:
        return Unable(detail=str(fault))
    return Refusal(failure=Failure.CRASHED, detail=f"The decoder failed: {type(fault).__name__}.")


def _received(server: socket.socket) -> tuple[Question | None, Sequence[int]]:
    """The next question and the descriptors that came with it; None when the server has gone."""
    descriptors: array[int] = array("i")
    room = socket.CMSG_SPACE(_MOST_DESCRIPTORS * descriptors.itemsize)
    received, ancillary, _, _ = server.recvmsg(_RECEIVE_BYTES, room, _CLOSE_ON_EXEC)
    for _, _, content in ancillary:
        descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    while received and (len(received) < LENGTH_BYTES or len(received) < LENGTH_BYTES + length_of(received)):
        more = server.recv(_RECEIVE_BYTES)
        received = received + more if more else b""
    return (question(received[LENGTH_BYTES:]) if received else None), descriptors.tolist()


def _imported(name: str) -> Any:
    """What `module:function` names."""
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)

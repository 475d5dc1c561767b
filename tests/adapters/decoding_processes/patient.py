"""What the decoder processes of these tests run: does whatever the "picture" says in words.

The words lie in the original: a verb, and perhaps a path.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from photostore.photo.picture import Failure, Fingerprint, PictureFacts
from photostore_adapters.imaging.decoding.task import Made, Report, Task, Undecodable
from tests.adapters.decoding_processes.assaults import is_refused, refused_assaults

_eaten: list[bytearray] = []
_toiled: list[float] = []


def decode(original: int, task: Task, outputs: Sequence[int]) -> Report:
    verb, _, rest = os.pread(original, 4096, 0).decode().partition(" ")
    content = _DEEDS[verb](rest.strip("\0"))
    for output in outputs:
        os.write(output, content)
    told = len(content) + (verb == "lie")
    made = [Made(width=recipe.width, height=recipe.height, byte_size=told) for recipe in task.recipes]
    return _report(made)


def prove() -> dict[str, str | None]:
    return {"webp": None, "heic": "it is not there"}


def prove_fatally() -> dict[str, str | None]:
    os.abort()


def _report(made: Sequence[Made]) -> Report:
    return Report(
        width=1600,
        height=1200,
        facts=PictureFacts(keywords=("sea",)),
        placeholder=b"thumb",
        fingerprint=Fingerprint(pixels=bytes(32), perceptual=7),
        made=made,
    )


def _work(content: str) -> bytes:
    return (content or "a picture").encode()


def _write(size: str) -> bytes:
    return os.urandom(1024) * (int(size) // 1024)


def _hang(started: str) -> bytes:
    Path(started).touch()
    while True:
        signal.pause()


def _hold(folder: str) -> bytes:
    """Until there is `go` in the folder; how many were held at once."""
    marker = Path(folder, f"{os.getpid()}.held")
    marker.touch()
    while not Path(folder, "go").exists():
        time.sleep(0.005)
    held = len(list(Path(folder).glob("*.held")))
    marker.unlink()
    return str(held).encode()


def _eat(_: str) -> bytes:
    while True:
        _eaten.append(bytearray(64 << 20))


def _eat_pixels(_: str) -> bytes:
    return np.ones((100_000, 100_000, 4)).tobytes()


def _fail_to_allocate(_: str) -> bytes:
    print("GLib-ERROR **: failed to allocate 1073741824 bytes", file=sys.stderr, flush=True)  # noqa: T201
    os.abort()


def _spin(_: str) -> bytes:
    while True:
        pass


def _toil(seconds: str) -> bytes:
    while time.process_time() < _begun_at() + float(seconds):
        pass
    _toiled.append(time.process_time())
    return b"toiled"


def _begun_at() -> float:
    return _toiled[-1] if _toiled else 0


def _crash(_: str) -> bytes:
    ctypes.string_at(1)
    return b""


def _raise(secret: str) -> bytes:
    raise ZeroDivisionError(secret)


def _refuse(detail: str) -> bytes:
    raise Undecodable(Failure.TRUNCATED, detail)


def _find_no_room(_: str) -> bytes:
    raise OSError(28, "No space left on device")


def _leave(_: str) -> bytes:
    os._exit(0)


def _babble(_: str) -> bytes:
    """Straight to the server, past the frames."""
    _control().send(b"\xff" * 4096)
    return b""


def _chatter(words: str) -> bytes:
    """As a library does that warns of every line of pixels, and looks at nothing."""
    for _ in range(1000):
        with suppress(BlockingIOError):
            os.write(2, b"warning: " * 100)
    return words.encode()


def _fork(_: str) -> bytes:
    return str(os.fork()).encode()


def _thread(_: str) -> bytes:
    content: list[bytes] = []
    thread = threading.Thread(target=content.append, args=[b"threaded"])
    thread.start()
    thread.join()
    return content[0]


def _tell(_: str) -> bytes:
    """What this process is and has, and what the world lets it do."""
    return json.dumps(
        {
            "pid": os.getpid(),
            "environment": dict(os.environ),
            "descriptors": sorted(int(each.name) for each in Path("/proc/self/fd").iterdir()),
            "session": os.getsid(0),
            "ignores_sigterm": signal.getsignal(signal.SIGTERM) is signal.SIG_IGN,
            "limits": {
                name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0]
                for name in ("AS", "CPU", "FSIZE", "CORE")
            },
            "refused": [name for name, deed in _FORBIDDEN.items() if is_refused(deed)],
        }
    ).encode()


def _control() -> socket.socket:
    return socket.socket(fileno=int(sys.argv[1]))


_FORBIDDEN: dict[str, Callable[[], object]] = {
    "connect": lambda: socket.create_connection(("127.0.0.1", 9)),
    "fork": os.fork,
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "run": lambda: subprocess.run(["true"], check=True),
    "kill": lambda: os.kill(os.getppid(), 0),
}
_DEEDS: dict[str, Callable[[str], bytes]] = {
    "work": _work,
    "write": _write,
    "hang": _hang,
    "hold": _hold,
    "eat": _eat,
    "eat-pixels": _eat_pixels,
    "fail-to-allocate": _fail_to_allocate,
    "spin": _spin,
    "toil": _toil,
    "pid": lambda _: str(os.getpid()).encode(),
    "crash": _crash,
    "raise": _raise,
    "refuse": _refuse,
    "find-no-room": _find_no_room,
    "leave": _leave,
    "babble": _babble,
    "lie": _work,
    "chatter": _chatter,
    "fork": _fork,
    "thread": _thread,
    "tell": _tell,
    "assail": lambda pid: json.dumps(refused_assaults(int(pid))).encode(),
}

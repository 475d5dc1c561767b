"""Pictures: what the decoder processes cost beside bare libvips, what they hold, and how soon a photo is ready."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil

from bench.decoders import Decoders, decoders, recipes
from bench.figures import Figure, compared
from bench.pictures import photograph
from bench.processes import running
from bench.readiness import readiness
from bench.signing import signing
from bench.turns import Way, in_turns
from photostore.photo.picture import ImageFormat
from photostore.shared.blobs import BlobKey
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_TURNS = 7
_PICTURES = 3
_ROUNDS, _MOST_ROUNDS = 6, 24
_PICTURES_A_ROUND = 8
_SPEED_UP = 1.7
_PHONE = (4032, 3024)
_LARGE = (8064, 6048)
# One picture of HEVC, not a grid of tiles as phones write them: it needs more memory than those.
_HEIC = Path(__file__).parents[1] / "tests" / "adapters" / "decoding" / "twelve-megapixels.heic"


def decoding(_: EmbeddedPostgres, folder: Path) -> list[Figure]:
    plain, profiled = photograph(*_PHONE), photograph(*_PHONE, profile="p3")
    return [
        *_cpu(folder, plain, profiled),
        _memory(folder, "a JPEG of 48 megapixels", photograph(*_LARGE), target=256),
        _memory(folder, "a HEIC of 12 megapixels", _HEIC.read_bytes(), target=700),
        _throughput(folder, plain),
        *readiness(folder, plain),
        signing(),
    ]


def _cpu(folder: Path, plain: bytes, profiled: bytes) -> list[Figure]:
    webp = recipes(ImageFormat.WEBP)
    with (
        decoders(folder / "cpu") as at_work,
        _limit(folder / "plain.jpg", plain) as plain_limit,
        _limit(folder / "profiled.jpg", profiled) as profiled_limit,
    ):
        one, other = at_work.keep("plain.jpg", plain), at_work.keep("profiled.jpg", profiled)
        ways = {
            "plain": _way(at_work, partial(at_work.decode, one, webp)),
            "plain limit": plain_limit,
            "profiled": _way(at_work, partial(at_work.decode, other, webp)),
            "profiled limit": profiled_limit,
            "defaults": _way(at_work, partial(at_work.decode, one, recipes())),
        }
        cpu = {name: each.cpu for name, each in in_turns(ways, turns=_TURNS, times=_PICTURES).items()}
    return [
        compared("decoding: CPU of both WebPs, no profile", cpu["plain"], cpu["plain limit"], unit="ms", target=1.25),
        compared(
            "decoding: CPU of both WebPs, Display P3", cpu["profiled"], cpu["profiled limit"], unit="ms", target=1.25
        ),
        compared("decoding: CPU with the default formats", cpu["defaults"], cpu["plain limit"], unit="ms"),
    ]


def _way(at_work: Decoders, go: partial[None]) -> Way:
    return Way(process=at_work.process, go=go)


@contextmanager
def _limit(path: Path, picture: bytes) -> Iterator[Way]:
    path.write_bytes(picture)
    with (
        running("bench.limits.decoding", str(path)) as limit,
        socket.create_connection(("127.0.0.1", int(limit.said))) as asking,
    ):
        yield Way(process=limit.process, go=partial(_make, asking))


def _make(asking: socket.socket) -> None:
    asking.sendall(b"1")
    if not asking.recv(1):
        raise RuntimeError("the limit has gone")


def _memory(folder: Path, name: str, picture: bytes, *, target: float) -> Figure:
    """Of a process that has decoded nothing else."""
    with decoders(folder / "memory") as at_work:
        at_work.decode(at_work.keep(name.replace(" ", "-"), picture), recipes())
        peak = _peak_mib(at_work.process)
    return Figure(name=f"decoding: memory of a decoder for {name}", measured=peak, unit="MiB", target=target)


def _peak_mib(process: psutil.Process) -> float:
    """The most memory that it ever held. Unlike `getrusage` this does not count what its parent held when it forked."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _throughput(folder: Path, picture: bytes) -> Figure:
    """The best rounds of both: unlike what a picture costs, how many are done at once depends on who else is at work.

    Where somebody is, more rounds than a few are needed until both have had a good one.
    """
    alone, together = 0.0, 0.0
    with decoders(folder / "one") as one, decoders(folder / "two", processes=2) as two:
        first, second = one.keep("phone.jpg", picture), two.keep("phone.jpg", picture)
        for number in range(_MOST_ROUNDS):
            if number >= _ROUNDS and together >= _SPEED_UP * alone:
                break
            alone, together = max(alone, _a_second(one, first)), max(together, _a_second(two, second))
    return Figure(
        name="decoding: pictures a second, two processes beside one",
        measured=together,
        limit=alone,
        ratio=together / alone,
        unit="/s",
        target=_SPEED_UP,
        at_least=True,
    )


def _a_second(at_work: Decoders, key: BlobKey) -> float:
    started = time.perf_counter()
    at_work.decode(key, recipes(), times=_PICTURES_A_ROUND)
    return _PICTURES_A_ROUND / (time.perf_counter() - started)

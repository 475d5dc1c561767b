"""The decoder of pictures, as the core asks for it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

import structlog

from photostore.photo.decoding import DecodedPicture, DecodedRendition, PictureDecoder, PictureUndecodable
from photostore.photo.picture import Failure, Recipe
from photostore.shared.blobs import BlobKey, BlobStore
from photostore.shared.clock import Clock
from photostore_adapters.imaging.decoding.task import Made, Refusal, Report, Task
from photostore_adapters.imaging.decoding.version import ENCODER_DISTRIBUTION, RECIPE_REVISION
from photostore_adapters.imaging.processes.errors import DecoderUnavailable, ProcessLost
from photostore_adapters.imaging.processes.failures import undecodable, why_it_ended
from photostore_adapters.imaging.processes.pool import DecoderPool
from photostore_adapters.imaging.processes.process import DecoderProcess
from photostore_adapters.imaging.processes.scratch import Scratch
from photostore_adapters.imaging.processes.wire import Answer, Unable

_log = structlog.get_logger(__name__)
_OURS = {Failure.TIMED_OUT, Failure.OUT_OF_MEMORY, Failure.CRASHED}  # an operator wants to know of these
_LONGEST_DETAIL = 300

Observe = Callable[[str, float], None]
"""Told of each decode: `decoded` or the `Failure`, and the seconds that a process spent on it."""


def _unobserved(outcome: str, seconds: float) -> None:
    """Nobody counts."""


class PooledPictureDecoder(PictureDecoder):
    """Fetches the original to a file without a name, then lends it to a process of the pool.

    At most two originals a process lie on disk: one being decoded, the next being fetched meanwhile.
    """

    def __init__(self, pool: DecoderPool, store: BlobStore, clock: Clock, observe: Observe = _unobserved) -> None:
        self._pool = pool
        self._settings = pool.settings
        self._store = store
        self._clock = clock
        self._observe = observe
        self._originals = asyncio.Semaphore(2 * self._settings.processes)
        self._scratch = Scratch(self._settings.scratch_folder, 2 * self._settings.processes)
        self._encoder_version = f"{ENCODER_DISTRIBUTION}-{version(ENCODER_DISTRIBUTION)}-{RECIPE_REVISION}"

    @property
    def encoder_version(self) -> str:
        return self._encoder_version

    @asynccontextmanager
    async def decode(
        self, key: BlobKey, *, content_type: str, recipes: Sequence[Recipe]
    ) -> AsyncIterator[DecodedPicture]:
        task = Task(content_type=content_type, recipes=recipes, limits=self._settings.limits, now=self._clock.now())
        async with AsyncExitStack() as kept:
            async with self._originals, self._scratch.files(1) as (original,):
                async with self._store.open(key) as blob:
                    await self._scratch.fill(original, blob.chunks)
                outputs = await kept.enter_async_context(self._scratch.files(len(recipes)))
                report = await self._report(key, task, [original, *outputs])
            yield self._picture(report, recipes, outputs)

    async def _report(self, key: BlobKey, task: Task, descriptors: Sequence[int]) -> Report:
        async with self._pool.borrow() as process:
            started = time.perf_counter()
            try:
                report = await self._asked(process, task, descriptors)
            except PictureUndecodable as refusal:
                self._observe(refusal.failure.value, time.perf_counter() - started)
                if refusal.failure in _OURS:
                    words, failure = process.last_words(), refusal.failure.value
                    _log.warning("a decoder process failed", key=key, failure=failure, stderr=words)
                raise
            self._observe("decoded", time.perf_counter() - started)
            return report

    async def _asked(self, process: DecoderProcess, task: Task, descriptors: Sequence[int]) -> Report:
        try:
            async with asyncio.timeout(self._settings.wall_seconds):
                answer = await process.ask(task, descriptors)
        except TimeoutError:
            raise undecodable(Failure.TIMED_OUT, self._settings) from None
        except ProcessLost as loss:
            ended = await self._pool.end(process)
            if self._pool.closed:  # it was us who killed it
                raise DecoderUnavailable("The decoder is shut down.") from loss
            raise undecodable(why_it_ended(ended, process.last_words()), self._settings) from loss
        return self._believed(process, answer, task, descriptors)

    def _believed(self, process: DecoderProcess, answer: Answer, task: Task, descriptors: Sequence[int]) -> Report:
        match answer:
            case Report() if _is_true(answer, task, descriptors[1:]):
                return answer
            case Refusal():
                raise PictureUndecodable(answer.failure, answer.detail[:_LONGEST_DETAIL])
            case Unable():
                _log.error("a decoder process cannot work", reason=answer.detail)
                raise DecoderUnavailable("There is no room to decode pictures in.")
            case _:
                process.usable = False
                raise undecodable(Failure.CRASHED, self._settings)

    def _picture(self, report: Report, recipes: Sequence[Recipe], outputs: Sequence[int]) -> DecodedPicture:
        return DecodedPicture(
            width=report.width,
            height=report.height,
            facts=report.facts,
            placeholder=report.placeholder,
            fingerprint=report.fingerprint,
            renditions=[
                DecodedRendition(
                    recipe=recipe,
                    width=made.width,
                    height=made.height,
                    byte_size=made.byte_size,
                    chunks=self._scratch.reader(output, made.byte_size),
                )
                for recipe, made, output in zip(recipes, report.made, outputs, strict=True)
            ],
        )


def _is_true(report: Report, task: Task, outputs: Sequence[int]) -> bool:
    """Whether the report agrees with itself and with the files: the process had hostile bytes inside."""
    return (
        len(report.made) == len(outputs)
        and 0 < report.width <= task.limits.max_side
        and 0 < report.height <= task.limits.max_side
        and len(report.fingerprint.pixels) == 32
        and all(map(_was_made, report.made, task.recipes, outputs))
    )


def _was_made(made: Made, recipe: Recipe, output: int) -> bool:
    fits = 0 < made.width <= recipe.width and 0 < made.height <= recipe.height
    return fits and 0 < made.byte_size == os.fstat(output).st_size

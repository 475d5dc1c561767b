"""One original decoded once, and all that is made of it: renditions, placeholder, fingerprint, facts."""

import os
from collections.abc import Sequence
from contextlib import suppress

from photostore.photo.geometry import frame_of
from photostore.photo.picture import PictureFacts
from photostore_adapters.imaging.decoding.checking import checked
from photostore_adapters.imaging.decoding.encoding import encode
from photostore_adapters.imaging.decoding.failures import blaming_the_picture
from photostore_adapters.imaging.decoding.file_view import FileView
from photostore_adapters.imaging.decoding.loading import open_picture
from photostore_adapters.imaging.decoding.master import masters_of
from photostore_adapters.imaging.decoding.task import Made, Report, Task
from photostore_adapters.imaging.facts import facts_of
from photostore_adapters.imaging.reading import View


def decode(original: int, task: Task, outputs: Sequence[int]) -> Report:
    """Descriptors: `original` can be read and sought, `outputs` are empty files, one a recipe.

    Raise `Undecodable` when the picture is at fault. The bytes decide what is decoded, not `task.content_type`.
    """
    view = FileView(original)
    parsed = checked(view, task.limits)
    with blaming_the_picture():
        opened = open_picture(original, view, parsed, task.limits)
        frames = [frame_of(recipe, opened.size) for recipe in task.recipes]
        master, larger = masters_of(opened, [frame.scaled for frame in frames])
    made: list[Made] = []
    for recipe, frame, output in zip(task.recipes, frames, outputs, strict=True):
        source = master if master.size.holds(frame.scaled) else larger
        content = encode(source.framed(frame), recipe.format)
        _write(output, content)
        made.append(Made(width=frame.cut.width, height=frame.cut.height, byte_size=len(content)))
    return Report(
        width=opened.displayed.width,
        height=opened.displayed.height,
        facts=_facts(view, parsed.content_type, task),
        placeholder=master.placeholder(),
        fingerprint=master.fingerprint(),
        made=made,
    )


def _facts(view: View, content_type: str, task: Task) -> PictureFacts:
    """Metadata that cannot be read cost nobody the picture."""
    with suppress(Exception):
        return facts_of(view, content_type=content_type, now=task.now)
    return PictureFacts()


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]

"""What goes over the socket to a decoder process and back: frames of msgpack, each after its length.

One question at a time: the next is sent when the last was answered.
"""

import msgspec
from msgspec import Struct

from photostore_adapters.imaging.decoding.task import Refusal, Report, Task

LENGTH_BYTES = 4
# A report holds what a picture says of itself; whoever sends more is not to be trusted with the rest of it.
MAX_FRAME_BYTES = 1 << 20


class Setup(Struct, frozen=True, kw_only=True, tag=True):
    """The first question: take these limits on, import these functions (`module:function`), say `Ready`."""

    decode: str
    prove: str
    cpu_seconds: int
    wall_seconds: float
    memory_bytes: int
    file_bytes: int
    files: bool


class Prove(Struct, frozen=True, kw_only=True, tag=True):
    """Try every decoder on pixels of its own."""


class Ready(Struct, frozen=True, kw_only=True, tag=True):
    pass


class Proof(Struct, frozen=True, kw_only=True, tag=True):
    """Per decoder or format: None when it works, else the fault in words."""

    faults: dict[str, str | None]


class Unable(Struct, frozen=True, kw_only=True, tag=True):
    """The machine is at fault, not the picture."""

    detail: str


Question = Setup | Task | Prove
Answer = Ready | Report | Refusal | Proof | Unable

_encoder = msgspec.msgpack.Encoder()
_questions: msgspec.msgpack.Decoder[Question] = msgspec.msgpack.Decoder(Question)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def frame(message: Question | Answer) -> bytes:
    content = _encoder.encode(message)
    return len(content).to_bytes(LENGTH_BYTES) + content


def length_of(start: bytes) -> int:
    """How long the content is whose frame starts so."""
    return int.from_bytes(start[:LENGTH_BYTES])


def question(content: bytes) -> Question:
    return _questions.decode(content)


def answer(content: bytes) -> Answer:
    """Raise `msgspec.MsgspecError` when it is none."""
    return _answers.decode(content)

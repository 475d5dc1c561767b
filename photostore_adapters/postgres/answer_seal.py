"""Kept answers, sealed: one of them may hold a new API key, and a stolen database must open nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from photostore.shared.idempotency import IdempotencyAnswerLost, KeptAnswer, KeyUse

_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = ["dir", "A256GCM"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSealSettings:
    """`keys` of 32 bytes: the first seals, all open."""

    keys: Sequence[bytes] = field(repr=False)


class AnswerSeal:
    """Bound to its owner and key, so that no row's answer passes for another's."""

    def __init__(self, settings: AnswerSealSettings) -> None:
        self._keys = [OctKey.import_key(key) for key in settings.keys]

    def seal(self, use: KeyUse, answer: KeptAnswer) -> str:
        content = msgspec.msgpack.encode((use.owner, use.key, answer))
        return jwe.encrypt_compact(_HEADER, content, self._keys[0], algorithms=_ALGORITHMS)

    def open(self, use: KeyUse, sealed: str) -> KeptAnswer:
        """Raise `IdempotencyAnswerLost`, as after the secret key was changed without keeping the previous one."""
        for key in self._keys:
            try:
                content = jwe.decrypt_compact(sealed, key, algorithms=_ALGORITHMS).plaintext
                owner, name, answer = msgspec.msgpack.decode(content or b"", type=tuple[str, str, KeptAnswer])
            except (JoseError, ValueError):
                continue
            if (owner, name) == (str(use.owner), use.key):
                return answer
        raise IdempotencyAnswerLost("Look whether what you asked for is there, and use a new key.")

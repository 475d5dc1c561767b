"""Requests that may be sent again: the first answer is kept under the key that came with it, and told to every repeat.

A key is claimed before anything is done, and its answer kept in the transaction of the change itself (`UnitOfWork.answering`),
so that there is never a change without its answer. Who dies in between has changed nothing, and the key is free once its
lease is over.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from photostore.shared.errors import Conflict, Invalid, Malformed
from photostore.shared.ids import UserId

# How long an answer is kept, from when its key was claimed.
LIFETIME = timedelta(hours=24)
# How long a claim holds unless it is renewed: as long a key stays taken when the process dies that worked on it.
LEASE = timedelta(seconds=60)


class IdempotencyKeyInvalid(Malformed):
    title = "The idempotency key is none."


class IdempotencyKeyReused(Invalid):
    title = "The idempotency key came with another request before."


class IdempotencyKeyInUse(Conflict):
    """Worth another try after `retry_after` seconds."""

    title = "The first request with this idempotency key still runs."

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class IdempotencyAnswerLost(Conflict):
    title = "The first answer under this idempotency key can no longer be read."


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """One request under a key. `request` is the digest of all that makes it the same request and is known beforehand."""

    owner: UserId
    key: str
    request: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPrint:
    """The digest of the first `taken` bytes of a body that is read as it arrives."""

    taken: int = 0
    digest: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer as it was sent. `streamed` is as much of the request's body as was read for it."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    streamed: BodyPrint = BodyPrint()


class IdempotencyKeys(Protocol):
    """The key of one request, which has a scope of its own. Keys of different owners have nothing to do with each other."""

    @abstractmethod
    async def claim(self, use: KeyUse) -> KeptAnswer | None:
        """The answer that is kept under the key; `None` when there is none, and the key is this request's from now on.

        Then `UnitOfWork.answering` of this scope waits for `keep`. Raise `IdempotencyKeyReused` when the key came with
        another `request`, `IdempotencyKeyInUse` while another claim holds, `IdempotencyAnswerLost` when the answer
        cannot be read. Counts at once, whatever becomes of a transaction around it.
        """

    @abstractmethod
    async def renew(self) -> None:
        """Hold the claim for another `LEASE`. May be called beside all else."""

    @abstractmethod
    async def keep(self, answer: KeptAnswer) -> None:
        """Commit the transaction that waits, if one does, and the answer with it: both or neither.

        Raise `IdempotencyKeyInUse`, and undo what waits, when the lease ran out and another request claimed the key.
        """

    @abstractmethod
    async def release(self) -> None:
        """Undo the transaction that waits, if one does, and free the key. Nothing to free is fine."""

    @abstractmethod
    async def prune(self) -> int:
        """Forget the keys whose time is over; answer how many."""

"""The transaction, made visible."""

from abc import abstractmethod
from types import TracebackType
from typing import Protocol, Self


class UnitOfWork(Protocol):
    """`async with unit_of_work:` is one transaction: left normally it commits, left by an exception it rolls back.

    Everything that repositories and queues of the same scope did inside it happens as one, or not at all. It can be
    entered several times one after the other, not inside itself. No slow call (blob store, HTTP) belongs inside.
    """

    @abstractmethod
    def answering(self) -> Self:
        """`async with unit_of_work.answering():` is the transaction whose repeat an idempotency key must prevent.

        Under a key it stays open when it is left, until the answer is known, and commits together with it
        (`IdempotencyKeys.keep`); reads of the same request see it already. Without a key it is as any other. It is the
        last one of its use case, and nothing slow follows.
        """

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise `ConcurrentUpdate` when the database refuses the commit because of another transaction."""

"""What the submission room asks of the world to write."""

from abc import abstractmethod
from typing import Protocol

from photostore.shared.ids import SubmissionId, UserId
from photostore.submission.submission import Submission


class SubmissionRepository(Protocol):
    """They go with their photos. Every transaction locks photos, then albums, then submissions."""

    @abstractmethod
    async def add(self, submission: Submission) -> None: ...

    @abstractmethod
    async def get(self, submission_id: SubmissionId, *, owner: UserId) -> Submission:
        """Lock it until the transaction's end. Raise `SubmissionNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def save(self, submission: Submission) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read."""

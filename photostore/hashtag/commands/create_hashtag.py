"""Make a hashtag before any photo carries it."""

from dataclasses import dataclass

from photostore.hashtag.hashtag import Hashtag
from photostore.hashtag.name import hashtag_name
from photostore.hashtag.ports import HashtagRepository
from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import HashtagId, UserId
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CreateHashtag:
    """Raise `NotAHashtag` or `HashtagExists`."""

    hashtags: HashtagRepository
    clock: Clock
    ids: Ids
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, name: str) -> Hashtag:
        hashtag = Hashtag(
            id=HashtagId(self.ids.new()), name=hashtag_name(name), created_at=self.clock.now(), created_by=actor
        )
        hashtag.created()
        async with self.unit_of_work.answering():
            await self.hashtags.add(hashtag)
        return hashtag

"""Refusals of the event room."""

from photostore.shared.errors import Gone, Malformed, RateLimited, Unavailable

# A client that goes without a word is found out within a minute.
_WORTH_ANOTHER_TRY_SECONDS = 10


class CursorExpired(Gone):
    title = "The cursor is older than what is kept."


class BadEventId(Malformed):
    title = "The Last-Event-ID is none of this feed's."


class TooManyFollow(RateLimited):
    title = "Too many clients of this account follow at the same time."

    def __init__(self, detail: str) -> None:
        super().__init__(detail, retry_after=_WORTH_ANOTHER_TRY_SECONDS)


class TooManyFollowers(Unavailable):
    title = "Too many clients follow at the same time."

    def __init__(self, detail: str) -> None:
        super().__init__(detail, retry_after=_WORTH_ANOTHER_TRY_SECONDS)

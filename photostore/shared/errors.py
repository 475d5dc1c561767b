"""The kinds of refusal. A room names its own errors as subclasses; whoever translates them looks at the kind alone.

The name of the class is the stable name of the problem: `QuotaExceeded` is told to clients as `/problems/quota-exceeded`.
The message is told to clients too: it names the thing and the limit, never a secret or the inside of the service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a request that is not as it should be; `field` is its name as the client wrote it."""

    field: str
    message: str


class PhotostoreError(Exception):
    """Any refusal of the domain. `title` is one short sentence that is the same for every instance."""

    title: ClassVar[str] = "The request was refused."
    problem: ClassVar[str | None] = None
    """The stable name, where it is not made from the name of the class."""

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class NotFound(PhotostoreError):
    """Absent, or someone else's: the two are never told apart."""

    title = "There is no such resource."


class Invalid(PhotostoreError):
    """A value that does not validate; `errors` names the fields."""

    title = "The request does not validate."


class Malformed(PhotostoreError):
    """A request that cannot be read at all: bad syntax, a bad cursor, an unknown parameter."""

    title = "The request cannot be read."


class Conflict(PhotostoreError):
    """The request is fine, but the present state does not allow it."""

    title = "The request conflicts with the present state."


class Locked(PhotostoreError):
    """Another request is at work on it; worth another try after `retry_after` seconds."""

    title = "Another request is at work on the resource."

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Gone(PhotostoreError):
    """It was there, and is no more."""

    title = "This is no longer there."


class PreconditionFailed(PhotostoreError):
    """The caller's `If-Match` names a version that is not the present one."""

    title = "The resource has changed since it was read."


class Unauthenticated(PhotostoreError):
    """No credentials, or bad ones."""

    title = "Valid credentials are required."


class Forbidden(PhotostoreError):
    """The caller may know of the resource, but may not do this."""

    title = "This is not allowed."


class TooLarge(PhotostoreError):
    """Over a limit of size."""

    title = "The content is too large."


class Unsupported(PhotostoreError):
    """Content of a type that is not accepted."""

    title = "The content is of a type that is not supported."


class OutOfSpace(PhotostoreError):
    """No room left for it."""

    title = "There is not enough room left."


class TimedOut(PhotostoreError):
    """The client took too long to send what it announced."""

    title = "The request took too long to arrive."


class RateLimited(PhotostoreError):
    """Too many tries; worth another after `retry_after` seconds."""

    title = "Too many requests."

    def __init__(self, detail: str, *, retry_after: int, limit: int = 0, window: int = 0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.limit = limit
        self.window = window


class Unavailable(PhotostoreError):
    """A part that this needs does not answer; worth another try after `retry_after` seconds."""

    title = "The service is not available right now."

    def __init__(self, detail: str, *, retry_after: int = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class ConcurrentUpdate(Conflict):
    """Someone else changed the aggregate between reading and saving it. Trying again is right."""

    title = "The resource was changed by another request at the same time."

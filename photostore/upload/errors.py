"""Refusals of the upload room."""

from photostore.shared.errors import Conflict, Invalid, Malformed, NotFound, TimedOut, TooLarge


class UploadNotFound(NotFound):
    title = "There is no such upload."


class PartNotFound(NotFound):
    title = "The upload has no such part."


class UploadTooLarge(TooLarge):
    title = "The file is larger than an upload may be."


class UploadInvalid(Invalid):
    title = "The upload does not validate."


class ChecksumMismatch(Invalid):
    title = "The bytes that arrived are not those that were declared."


class UploadIncomplete(Conflict):
    """The detail says what is missing: send that, and say again that it is complete."""

    title = "Not all of the upload has arrived."


class UploadEnded(Conflict):
    """The detail says how. Begin another."""

    title = "The upload has ended."


class UploadBeingCompleted(Conflict):
    """Worth another try after `retry_after` seconds."""

    title = "The upload is being completed by another request."

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class UploadInterrupted(Malformed):
    title = "The upload broke off."


class UploadStalled(TimedOut):
    title = "The upload stopped sending."


class StoreOfAnother(Conflict):
    title = "The blob store belongs to another database."


class SweepTooLarge(Conflict):
    title = "Too many blobs have no row to be what crashes left."

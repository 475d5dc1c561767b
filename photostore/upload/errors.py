"""Refusals of the upload room."""

from photostore.shared.errors import Conflict, Invalid, Locked, Malformed, NotFound, TimedOut, TooLarge


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


class UploadNoPicture(Invalid):
    """The detail says what the bytes were, and what is accepted."""

    title = "What arrived is not the picture that was declared."


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


class UploadBusy(Locked):
    title = "Another request sends bytes of the upload, or completes it."


class UploadHoldLost(Conflict):
    """The connection was silent for so long that another one went on with the upload."""

    title = "Another request has taken the upload over."


class UploadOffsetMismatch(Conflict):
    """The detail says where to go on."""

    title = "The bytes do not follow on those that have arrived."


class UploadMetadataInvalid(Malformed):
    title = "The metadata of the upload cannot be read."


class UploadLengthInvalid(Malformed):
    title = "The length of the upload is not told as it must be."


class UploadChecksumInvalid(Malformed):
    title = "The checksum cannot be read, or is of a kind that is not known."


class PieceChecksumMismatch(Malformed):
    """None of them was kept: send them again."""

    title = "The bytes that were sent are not those of the checksum."


class UploadInterrupted(Malformed):
    title = "The upload broke off."


class UploadStalled(TimedOut):
    title = "The upload stopped sending."


class StoreOfAnother(Conflict):
    title = "The blob store belongs to another database."


class StoreContested(Conflict):
    title = "The blob store was swept by another state of this database."


class SweepTooLarge(Conflict):
    title = "Too many blobs have no row to be what crashes left."

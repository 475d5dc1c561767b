"""Refusals of the upload room."""

from photostore.shared.errors import Conflict, Invalid, Malformed, NotFound, TimedOut, TooLarge


class UploadNotFound(NotFound):
    title = "There is no such upload."


class UploadTooLarge(TooLarge):
    title = "The file is larger than an upload may be."


class UploadInvalid(Invalid):
    title = "The upload does not validate."


class ChecksumMismatch(Invalid):
    title = "The bytes that arrived are not those that were declared."


class UploadInterrupted(Malformed):
    title = "The upload broke off."


class UploadStalled(TimedOut):
    title = "The upload stopped sending."


class StoreOfAnother(Conflict):
    title = "The blob store belongs to another database."


class SweepTooLarge(Conflict):
    title = "Too many blobs have no row to be what crashes left."

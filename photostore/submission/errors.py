"""Refusals of the submission room."""

from photostore.shared.errors import Conflict, Invalid, NotFound, OutOfSpace


class SubmissionNotFound(NotFound):
    title = "There is no such submission."


class SubmissionInvalid(Invalid):
    title = "The submission does not validate."


class SubmissionDecided(Conflict):
    title = "The submission was decided otherwise before."


class SubmittedPhotoTrashed(Conflict):
    """Restore it first, or reject the submission."""

    title = "The photo is in the trash."


class ShareOutOfSpace(OutOfSpace):
    """Without the figures, which are the owner's."""

    title = "The share has no room for this."

"""Refusals of the submission room."""

from photostore.shared.errors import Conflict, Invalid, NotFound


class SubmissionNotFound(NotFound):
    title = "There is no such submission."


class SubmissionInvalid(Invalid):
    title = "The submission does not validate."


class SubmissionDecided(Conflict):
    title = "The submission was decided otherwise before."


class SubmittedPhotoTrashed(Conflict):
    """Restore it first, or reject the submission."""

    title = "The photo is in the trash."

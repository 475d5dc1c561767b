"""Refusals of archives."""

from photostore.shared.errors import Invalid, TooLarge


class PhotosNotArchivable(Invalid):
    title = "Some of the photos cannot be put into an archive."


class ArchiveTooLarge(TooLarge):
    title = "There are too many photos for one archive."

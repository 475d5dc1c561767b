"""Refusals of moving libraries."""

from photostore.shared.errors import Invalid, Unavailable


class NotAnExport(Invalid):
    title = "That is no export, or not all of it."


class SidecarInvalid(Invalid):
    title = "What is said beside the picture cannot be read."


class OriginalDamaged(Unavailable):
    """The detail says how. Another try finds the same."""

    title = "The blob store holds other bytes than were uploaded."


class SourceUnreadable(Invalid):
    title = "The file cannot be read."

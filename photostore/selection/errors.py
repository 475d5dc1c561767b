"""Refusals of the selection room."""

from photostore.shared.errors import Conflict, Invalid


class SelectionInvalid(Invalid):
    title = "The selection does not validate."


class SelectionSubmitted(Conflict):
    """Until the owner opens it again."""

    title = "The selection was sent already."

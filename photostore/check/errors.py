"""Refusals of the check room."""

from photostore.shared.errors import Locked


class CheckRunning(Locked):
    title = "Another check of the library is running."

"""Refusals of the job room."""

from photostore.shared.errors import NotFound


class JobNotFound(NotFound):
    title = "There is no such job, or none that failed."

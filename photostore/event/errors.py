"""Refusals of the event room."""

from photostore.shared.errors import Gone


class CursorExpired(Gone):
    title = "The cursor is older than what is kept."

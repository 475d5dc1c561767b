"""Refusals of the photo room."""

from photostore.shared.errors import Invalid, NotFound


class PhotoNotFound(NotFound):
    title = "There is no such photo."


class PhotoInvalid(Invalid):
    title = "The photo's data does not validate."

"""Refusals of the photo room."""

from photostore.shared.errors import Conflict, Invalid, Malformed, NotFound


class PhotoNotFound(NotFound):
    title = "There is no such photo."


class PhotoInvalid(Invalid):
    title = "The photo's data does not validate."


class RenditionNotFound(NotFound):
    title = "There is no such rendition."


class RenditionPending(Conflict):
    """Worth another try after `retry_after` seconds."""

    title = "The rendition is still being made."

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class PreviouslyDeleted(Conflict):
    title = "The owner has deleted these bytes before."


class ImageSizeInvalid(Malformed):
    title = "The size of the image is none that is made."

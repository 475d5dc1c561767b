"""Photos as they are read, for tests that need no database."""

from dataclasses import fields
from typing import Any

from photostore.photo.queries import PhotoView
from tests.builders import a_photo


def a_view() -> PhotoView:
    photo = a_photo()
    told: dict[str, Any] = {each.name: getattr(photo, each.name, None) for each in fields(PhotoView)}
    return PhotoView(**{**told, "renditions": (), "status": photo.status.value})

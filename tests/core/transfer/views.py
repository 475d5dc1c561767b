"""Photos as they are read, for rules that take nothing else."""

from datetime import datetime
from typing import Any

from photostore.photo.queries import PhotoView
from tests.builders import a_photo_id, a_user_id
from tests.fakes.system import NOW


def a_view(**said: Any) -> PhotoView:
    made: dict[str, Any] = {
        "id": a_photo_id(),
        "owner_id": a_user_id(),
        "blob_key": "originals/a/b",
        "filename": "sea.jpg",
        "title": None,
        "description": None,
        "content_type": "image/jpeg",
        "byte_size": 1000,
        "sha256": bytes(32),
        "width": 40,
        "height": 30,
        "taken_at": None,
        "taken_at_offset_minutes": None,
        "hashtags": (),
        "favorite": False,
        "custom": {},
        "status": "ready",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "failure": None,
        "camera": None,
        "latitude": None,
        "longitude": None,
        "altitude_m": None,
        "placeholder": None,
        "renditions": (),
        "trashed_at": None,
    }
    return PhotoView(**made | said)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)

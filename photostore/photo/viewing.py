"""A photo that is at hand, as its owner reads it."""

from dataclasses import asdict

from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoView, RenditionView


def view_of(photo: Photo) -> PhotoView:
    return PhotoView(
        id=photo.id,
        owner_id=photo.owner_id,
        blob_key=photo.blob_key,
        filename=photo.filename,
        title=photo.title,
        description=photo.description,
        content_type=photo.content_type,
        byte_size=photo.byte_size,
        sha256=photo.sha256,
        width=photo.width,
        height=photo.height,
        taken_at=photo.taken_at,
        taken_at_offset_minutes=photo.taken_at_offset_minutes,
        hashtags=list(photo.hashtags),
        favorite=photo.favorite,
        custom=dict(photo.custom),
        status=photo.status.value,
        version=photo.version,
        created_at=photo.created_at,
        updated_at=photo.updated_at,
        failure=photo.failure,
        camera=None if photo.camera is None else asdict(photo.camera),
        latitude=None if photo.location is None else photo.location.latitude,
        longitude=None if photo.location is None else photo.location.longitude,
        altitude_m=None if photo.location is None else photo.location.altitude_m,
        placeholder=photo.placeholder,
        renditions=[
            RenditionView(
                name=each.name,
                format=each.format,
                width=each.width,
                height=each.height,
                byte_size=each.byte_size,
                blob_key=each.blob_key,
            )
            for each in photo.renditions
        ],
        trashed_at=photo.trashed_at,
    )

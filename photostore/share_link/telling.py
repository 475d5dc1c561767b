"""What visitors are told of photos that guests sent: never whether the owner had one before."""

from dataclasses import replace
from uuid import UUID

from photostore.photo.queries import PhotoView, SubmittedPhotoView


def shown_id(view: PhotoView) -> UUID:
    """By what visitors know the photo."""
    return view.submission.id if isinstance(view, SubmittedPhotoView) else view.id


def is_shown(view: PhotoView) -> bool:
    """Not what a guest sent and nobody else sees."""
    return not isinstance(view, SubmittedPhotoView) or view.is_shown


def as_visitors_see(view: PhotoView) -> PhotoView:
    """Where the owner had the photo before, in the guest's words, and as new as what was sent."""
    if not isinstance(view, SubmittedPhotoView):
        return view
    sent = view.submission
    if sent.made_photo:
        return replace(view, created_at=sent.created_at)
    return replace(
        view,
        filename=sent.filename,
        title=sent.title,
        description=None,
        hashtags=(),
        version=1 if view.status == "processing" else 2,
        created_at=sent.created_at,
        updated_at=max(view.updated_at, sent.created_at),
    )


def as_it_was_sent(view: SubmittedPhotoView) -> SubmittedPhotoView:
    """What the guest knows of it anyway, and no more: it may be new, or one that nobody looked at yet, or in the trash."""
    sent = view.submission
    return replace(
        view,
        filename=sent.filename,
        title=sent.title,
        description=None,
        hashtags=(),
        taken_at=None,
        taken_at_offset_minutes=None,
        camera=None,
        latitude=None,
        longitude=None,
        altitude_m=None,
        status="processing",
        failure=None,
        placeholder=None,
        renditions=(),
        version=1,
        created_at=sent.created_at,
        updated_at=sent.created_at,
        is_shown=False,
    )

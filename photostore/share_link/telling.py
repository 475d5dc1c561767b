"""What visitors are told of photos that guests sent: never whether the owner had one before."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from photostore.photo.queries import PhotoView, SubmittedPhotoView

SETTLES_IN = timedelta(seconds=3)
"""For so long whatever a guest sent is told as being prepared: a photo that the owner had would be ready at once."""


def shown_id(view: PhotoView) -> UUID:
    """By what visitors know the photo."""
    return view.submission.id if isinstance(view, SubmittedPhotoView) else view.id


def is_shown(view: PhotoView) -> bool:
    """Not what a guest sent and nobody else sees."""
    return not isinstance(view, SubmittedPhotoView) or view.is_shown


def as_visitors_see(view: PhotoView, *, now: datetime) -> PhotoView:
    """Where the owner had the photo before, in the guest's words, and as new as what was sent."""
    if not isinstance(view, SubmittedPhotoView):
        return view
    sent = view.submission
    if not sent.made_photo:
        view = replace(
            view,
            filename=sent.filename,
            title=sent.title,
            description=None,
            hashtags=(),
            version=1 if view.status == "processing" else 2,
        )
    # When it was decoded tells whether that was for this guest.
    touched = view.updated_at if view.version > 2 else sent.created_at
    view = replace(view, created_at=sent.created_at, updated_at=touched)
    return _undecoded(view) if now < sent.created_at + SETTLES_IN else view


def as_it_was_sent(view: SubmittedPhotoView) -> SubmittedPhotoView:
    """What the guest knows of it anyway, and no more: it may be new, or one that nobody looked at yet, or in the trash."""
    sent = view.submission
    told = replace(
        view,
        filename=sent.filename,
        title=sent.title,
        description=None,
        hashtags=(),
        created_at=sent.created_at,
        is_shown=False,
    )
    return _undecoded(told)


def _undecoded(view: SubmittedPhotoView) -> SubmittedPhotoView:
    """As before anybody looked at the picture."""
    return replace(
        view,
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
        updated_at=view.created_at,
    )

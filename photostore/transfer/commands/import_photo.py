"""Take in a file, with what is said of it beside."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.queries import PhotoQueries, PhotoView
from photostore.shared.errors import PreconditionFailed
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.transfer.file_form import FileForm
from photostore.transfer.restoring import is_all_said, missing_of
from photostore.transfer.told import Told
from photostore.upload.commands.upload_form import UploadForm


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToImport:
    """`byte_size` in bytes; `turn` is waited for before the photo is made."""

    filename: str
    byte_size: int
    chunks: AsyncIterator[bytes]
    turn: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`new` when the owner did not have the bytes before; `changed` when something was still to be said of the photo."""

    photo_id: PhotoId
    new: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class ImportPhoto:
    """By the rules of every upload: raise what `UploadForm` raises. What the form cannot say is said afterwards; of a photo
    that is there already, only what nobody has said of it yet."""

    upload: UploadForm
    edit: EditPhoto
    photos: PhotoQueries

    async def __call__(self, *, actor: UserId, file: FileToImport, told: Told) -> Imported:
        form = FileForm(file.filename, file.chunks, told, byte_size=file.byte_size, turn=file.turn)
        made = await self.upload(actor=actor, form=form, sha256=told.sha256)
        changed = False
        if made.duplicate or not is_all_said(told):
            changed = await self.complete(
                await self.photos.get(made.photo_id, owner=actor), told, actor=actor, new=not made.duplicate
            )
        return Imported(photo_id=made.photo_id, new=not made.duplicate, changed=changed)

    async def complete(self, photo: PhotoView, told: Told, *, actor: UserId, new: bool = False) -> bool:
        """Whether anything was still to be said."""
        edits = missing_of(photo, told, new=new)
        photo_id = PhotoId(photo.id)
        for number, edit in enumerate(edits):
            # The first alone: what follows is of this import.
            expected = ExpectedVersion(frozenset({photo.version})) if number == 0 else ANY_VERSION
            try:
                await self.edit(actor=actor, photo_id=photo_id, edit=edit, expected_version=expected)
            except PreconditionFailed:
                fresh = await self.photos.get(photo_id, owner=actor)
                return await self.complete(fresh, told, actor=actor, new=new)
        return bool(edits)

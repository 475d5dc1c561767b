"""Short ways of being a guest of an album's link."""

from typing import Any

from dishka import AsyncContainer

from photostore.photo.photo import Photo
from photostore.share_link.gate import Share
from photostore.share_link.queries import ShareQueries
from photostore.share_link.share_link import ShareLink
from photostore.shared.ids import SubmissionId, UserId
from photostore.submission.commands.receive_submission import ReceiveSubmission, SentPhoto
from photostore.submission.guest import GuestUpload
from tests.albums import a_person, an_album
from tests.builders import a_share_link
from tests.fakes.system import new_id
from tests.using import get, stored, transaction


async def an_album_link(
    adapters: AsyncContainer, *photos: Photo, owner: UserId | None = None, **told: Any
) -> ShareLink:
    owner = owner or await a_person(adapters)
    album_id = await an_album(adapters, owner, *photos)
    return await stored(adapters, a_share_link(owner_id=owner, **{"album_id": album_id, "allow_upload": True, **told}))


async def share_of(adapters: AsyncContainer, link: ShareLink) -> Share:
    found = await (await get(adapters, ShareQueries)).find(link.token_digest)
    assert found is not None
    return Share(link=found)


async def sent(
    adapters: AsyncContainer, link: ShareLink, photo: Photo, *, made: bool = True, title: str | None = None
) -> SubmissionId:
    """As if a guest had sent the photo."""
    assert link.album_id is not None
    guest = GuestUpload(link_id=link.id, album_id=link.album_id, submission_id=SubmissionId(new_id()), name="Grace")
    told = SentPhoto(photo_id=photo.id, made=made, filename="theirs.jpg", title=title, byte_size=photo.byte_size)
    async with transaction(adapters, ReceiveSubmission) as receive:
        await receive(owner=link.owner_id, guest=guest, sent=told)
    return guest.submission_id

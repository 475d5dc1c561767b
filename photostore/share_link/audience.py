"""For whom the URLs in a share are signed, part by part: each part can be revoked by itself."""

from photostore.shared.ids import AlbumId, ShareLinkId
from photostore.shared.media import album_part, through


def share_part(link_id: ShareLinkId, generation: int) -> str:
    """The visitors of a link, as long as nothing ended what was given out to them."""
    return f"share-{link_id.hex}-{generation}"


def share_audience(link_id: ShareLinkId, generation: int, album_id: AlbumId | None) -> str:
    """The visitors; those of a link to an album are also the album's."""
    part = share_part(link_id, generation)
    return part if album_id is None else through(album_part(album_id), part)

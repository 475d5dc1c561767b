"""For whom the URLs in a share are signed, part by part: each part can be revoked by itself."""

from photostore.share_link.queries import SharedLink
from photostore.shared.ids import ShareLinkId
from photostore.shared.media import album_part, query_part, through


def share_part(link_id: ShareLinkId, generation: int) -> str:
    """The visitors of a link, as long as nothing ended what was given out to them."""
    return f"share-{link_id.hex}-{generation}"


def share_audience(link: SharedLink) -> str:
    """The visitors; those of a link to an album are also the album's, and of what its query is now."""
    part = share_part(link.id, link.generation)
    if link.album_id is None:
        return part
    if link.album_query is None:
        return through(album_part(link.album_id), part)
    return through(album_part(link.album_id), query_part(link.album_id, link.album_queries), part)

"""Sweeping by hand: end the uploads whose time is over, and remove their bytes at once."""

from collections.abc import Callable

from photostore.upload.commands.delete_blobs import DeleteBlobs
from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.upload.upload import Upload
from photostore_adapters.settings import Settings
from photostore_adapters.wiring import make_container


async def sweep_uploads(settings: Settings, url: str, told: Callable[[Upload], None]) -> int:
    """Answer how many ended. The jobs that remove their bytes stay enqueued, and find nothing left to do."""
    container = make_container(settings, url)
    ended: list[Upload] = []
    try:
        async with container() as scope:
            await (await scope.get(ExpireUploads))(told=ended.append)
            delete_blobs = await scope.get(DeleteBlobs)
            for upload in ended:
                parts = [(upload.blob_key, upload.multipart_id)] if upload.multipart_id else []
                tail = upload.reception.tail_key if upload.reception else None
                await delete_blobs(keys=[key for key in (upload.blob_key, tail) if key], multiparts=parts)
                told(upload)
    finally:
        await container.close()
    return len(ended)

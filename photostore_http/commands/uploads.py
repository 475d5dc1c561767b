"""`photostore uploads ...`."""

import click

from photostore.upload.upload import Upload
from photostore_adapters.launch import Settings
from photostore_adapters.sweeping import sweep_uploads
from photostore_http.commands.database import on_database
from photostore_http.commands.tables import show_json


def sweep(*, as_json: bool) -> None:
    ended = list[Upload]()

    def tell(upload: Upload) -> None:
        ended.append(upload)
        if not as_json:
            name = upload.filename or "without a name"
            click.echo(f"{upload.id}  {name}, {upload.reserved_bytes} bytes given back to {upload.owner_id}")

    async def end(settings: Settings, url: str) -> None:
        await sweep_uploads(settings, url, tell)

    on_database(end)
    if as_json:
        show_json({"ended": [_document(upload) for upload in ended]})
    else:
        click.echo(f"{len(ended)} uploads ended.")


def _document(upload: Upload) -> dict[str, object]:
    return {
        "id": upload.id,
        "owner_id": upload.owner_id,
        "filename": upload.filename,
        "reserved_bytes": upload.reserved_bytes,
    }

"""Whether the disk still takes bytes."""

import shutil

from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.health import HealthCheck
from photostore_adapters.filesystem.folders import disk_errors
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.temporary_file import TemporaryFile
from photostore_adapters.filesystem.threads import BlobThreads


class FilesystemHealthCheck(HealthCheck):
    name = "storage"

    def __init__(self, settings: FilesystemSettings, threads: BlobThreads) -> None:
        self._settings = settings
        self._threads = threads

    async def check(self) -> None:
        await self._threads.run(self._check)

    def _check(self) -> None:
        temporary = self._settings.root / "tmp"
        with disk_errors():
            free = shutil.disk_usage(temporary).free
        if free < self._settings.min_free_bytes:
            raise BlobStoreUnavailable(f"the blob store's disk has only {free} bytes left")
        probe = TemporaryFile(temporary)
        try:
            probe.write([b"probe"])
            probe.finish()
        finally:
            probe.discard()

"""An inspector for tests in which pictures are beside the point."""

from collections.abc import Mapping

from photostore.upload.pictures import ACCEPTED_FORMATS, ByteSource, PictureHeader, PictureInspector, UnsupportedImage


class FakePictureInspector(PictureInspector):
    """Knows exactly the files in `headers`, by their first bytes (512 at most)."""

    def __init__(self, headers: Mapping[bytes, PictureHeader]) -> None:
        self._headers = {content[:512]: header for content, header in headers.items()}

    def sniff(self, head: bytes) -> str:
        return self._look_up(head).content_type

    async def inspect(self, source: ByteSource) -> PictureHeader:
        return self._look_up(await source.read(0, 512))

    def _look_up(self, head: bytes) -> PictureHeader:
        header = self._headers.get(head[:512])
        if header is None:
            raise UnsupportedImage(f"The file is not among the test's pictures; accepted are {ACCEPTED_FORMATS}.")
        return header

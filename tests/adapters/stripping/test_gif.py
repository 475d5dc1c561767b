"""GIFs: frames and loops stay, comments and XMP go."""

from io import BytesIO

import pytest

from photostore.photo.metadata_policy import CannotClean, MetadataPolicy
from tests.adapters.stripping.cleaning import BOTH, a_scene, cleaned, frames, xmp
from tests.pictures import a_gif

GIF = "image/gif"
COMMENT = b"!\xfe\x09GPS: here\0"
XMP = b"!\xff\x0bXMP DataXMP" + xmp(b'exif:GPSLatitude="48"') + b"\1" + bytes(range(255, -1, -1)) + b"\0"


def gif_with(gif: bytes, *blocks: bytes) -> bytes:
    """Before the trailer."""
    return gif[:-1] + b"".join(blocks) + gif[-1:]


@pytest.mark.parametrize("policy", BOTH)
async def test_frames_and_loops_are_the_originals(policy: MetadataPolicy) -> None:
    file = BytesIO()
    every = [a_scene(number).convert("P") for number in range(3)]
    every[0].save(file, "GIF", save_all=True, append_images=every[1:], loop=7, duration=[100, 200, 300])

    clean = await cleaned(gif_with(file.getvalue(), COMMENT, XMP), GIF, policy)

    assert clean == file.getvalue()
    assert len(frames(clean)) == 4


@pytest.mark.parametrize("policy", BOTH)
async def test_nothing_follows_the_end_of_the_picture(policy: MetadataPolicy) -> None:
    assert await cleaned(a_gif() + b"GPS: here", GIF, policy) == a_gif()


@pytest.mark.parametrize("policy", BOTH)
async def test_a_trailer_that_was_left_out_is_there(policy: MetadataPolicy) -> None:
    assert await cleaned(a_gif()[:-1], GIF, policy) == a_gif()


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", a_gif()[:-3], a_gif()[:13] + b";", gif_with(a_gif(), b"noise"), gif_with(a_gif(), b"!\1\0")],
    ids=lambda content: f"{len(content)} bytes",
)
async def test_a_malformed_gif_is_refused(content: bytes) -> None:
    with pytest.raises(CannotClean):
        await cleaned(content, GIF, MetadataPolicy.NONE)

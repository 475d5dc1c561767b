"""Where a picture that is well formed is still refused."""

from photostore.upload.pictures import UnsupportedImage
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.settings import PictureLimits


def refuse_beyond(limits: PictureLimits, picture: ParsedPicture) -> None:
    """Raise `UnsupportedImage`, whose detail names what the picture has and what the limit is."""
    width, height = picture.displayed
    pixels = max(width * height, picture.frame_pixels)
    if width < 1 or height < 1:
        raise UnsupportedImage(f"The picture is empty: its header declares {width} x {height} pixels.")
    if max(width, height) > limits.max_side:
        _refuse(f"{width} x {height} pixels", f"{limits.max_side} on a side")
    if pixels > limits.max_pixels:
        _refuse(f"{pixels} pixels", str(limits.max_pixels))
    if picture.frames > limits.max_frames:
        _refuse(f"{picture.frames} frames", str(limits.max_frames))
    if picture.frames > 1 and pixels * picture.frames > limits.max_frame_pixels:
        _refuse(f"{pixels * picture.frames} pixels in {picture.frames} frames", str(limits.max_frame_pixels))
    if picture.interlaced_png and pixels > limits.max_interlaced_png_pixels:
        _refuse(f"{pixels} pixels, interlaced", str(limits.max_interlaced_png_pixels))
    if picture.scans > limits.max_jpeg_scans:
        _refuse(f"{picture.scans} scans", str(limits.max_jpeg_scans))


def _refuse(has: str, limit: str) -> None:
    raise UnsupportedImage(f"The picture has {has}; the limit is {limit}.")

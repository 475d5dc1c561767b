"""ThumbHash (github.com/evanw/thumbhash): a picture's colours and coarsest shapes in some 25 bytes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MAX_SIDE = 100
# Less than any difference that eight bits can tell: what remains of a flat channel is noise of the processor's.
_FLAT = 1e-6


class _Channel(NamedTuple):
    constant: float
    waves: list[float]
    scale: float


def thumb_hash(pixels: NDArray[np.uint8]) -> bytes:
    """Of an array of rows, columns and four bands (RGBA), at most 100 on a side."""
    height, width = pixels.shape[:2]
    rgb, alpha = _flattened(pixels)
    has_alpha = bool(alpha.sum() < width * height)
    most = 5 if has_alpha else 7
    across, down = (max(1, _round(most * side / max(width, height))) for side in (width, height))
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luminance = _encode(rgb.sum(axis=2) / 3, max(3, across), max(3, down))
    yellow_blue = _encode((red + green) / 2 - blue, 3, 3)
    red_green = _encode(red - green, 3, 3)
    channels = [luminance, yellow_blue, red_green]
    landscape = width > height
    head = _head(channels, has_alpha=has_alpha) + _shape(channels, down if landscape else across, landscape=landscape)
    if has_alpha:
        opacity = _encode(alpha, 5, 5)
        channels.append(opacity)
        head += bytes([_round(15 * opacity.constant) | _round(15 * opacity.scale) << 4])
    return head + _packed([_round(15 * wave) for channel in channels for wave in channel.waves])


def _flattened(pixels: NDArray[np.uint8]) -> tuple[Array, Array]:
    """The colours over their own average, and the alpha."""
    values = pixels.astype(np.float64) / 255
    alpha = values[..., 3]
    weighed = values[..., :3] * alpha[..., None]
    total = alpha.sum()
    average = weighed.sum(axis=(0, 1)) / total if total else np.zeros(3)
    return average * (1 - alpha[..., None]) + weighed, alpha


def _encode(channel: Array, across: int, down: int) -> _Channel:
    """The lowest terms of the channel's cosine transform, a triangle of them."""
    height, width = channel.shape
    columns = np.cos(np.pi / width * np.outer(np.arange(across), np.arange(width) + 0.5))
    rows = np.cos(np.pi / height * np.outer(np.arange(down), np.arange(height) + 0.5))
    terms = rows @ channel @ columns.T / (width * height)
    waves = [
        float(terms[y, x]) for y in range(down) for x in range(0 if y else 1, across) if x * down < across * (down - y)
    ]
    scale = max(map(abs, waves), default=0.0)
    if scale < _FLAT:
        return _Channel(float(terms[0, 0]), [0.0] * len(waves), 0.0)
    return _Channel(float(terms[0, 0]), [0.5 + 0.5 / scale * wave for wave in waves], scale)


def _head(channels: list[_Channel], *, has_alpha: bool) -> bytes:
    luminance, yellow_blue, red_green = channels
    bits = (
        _round(63 * luminance.constant)
        | _round(31.5 + 31.5 * yellow_blue.constant) << 6
        | _round(31.5 + 31.5 * red_green.constant) << 12
        | _round(31 * luminance.scale) << 18
        | has_alpha << 23
    )
    return bits.to_bytes(3, "little")


def _shape(channels: list[_Channel], shorter: int, *, landscape: bool) -> bytes:
    _, yellow_blue, red_green = channels
    bits = shorter | _round(63 * yellow_blue.scale) << 3 | _round(63 * red_green.scale) << 9 | landscape << 15
    return bits.to_bytes(2, "little")


def _packed(nibbles: list[int]) -> bytes:
    """Two to a byte, the first below."""
    pairs = zip(nibbles[::2], [*nibbles[1::2], 0], strict=False)
    return bytes(low | high << 4 for low, high in pairs)


def _round(value: float) -> int:
    """Upwards from the middle, also where the processor's rounding left a little less: regular pictures have many such."""
    return int(value + 0.5 + 1e-9)

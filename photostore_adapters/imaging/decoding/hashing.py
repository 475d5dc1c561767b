"""What tells pictures apart: a digest of their pixels, and a hash that survives small changes."""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

HASHED_SIDE = 32
_LOW = 8
# Rec. 601, as whoever else hashes pictures makes them grey.
_LUMINANCE = np.array([0.299, 0.587, 0.114])
# On a picture of one colour all frequencies but one are nought, give or take what the processor's rounding leaves.
_NOISE = 1e-6
_WAVES = np.cos(np.pi / HASHED_SIDE * np.outer(np.arange(_LOW), np.arange(HASHED_SIDE) + 0.5))


def pixel_digest(pixels: NDArray[np.uint8]) -> bytes:
    """SHA-256 over the size and the pixels. Of an array of rows, columns and bands."""
    height, width, bands = pixels.shape
    digest = sha256(f"{width}x{height}x{bands}\n".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.digest()


def perceptual_hash(pixels: NDArray[np.uint8]) -> int:
    """pHash: which of the 64 lowest frequencies of 32 x 32 RGB pixels are above their median; the lowest one first."""
    grey = np.rint(pixels[..., :3] @ _LUMINANCE)
    frequencies = _WAVES @ grey @ _WAVES.T
    above = frequencies > np.median(frequencies) + _NOISE
    return int.from_bytes(np.packbits(above).tobytes(), "big")

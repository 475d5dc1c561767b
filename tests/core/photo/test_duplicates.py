"""When two pictures count as one."""

import pytest

from photostore.photo.duplicates import bits_apart, distance_between, is_flat
from photostore.photo.picture import Fingerprint

TELLING = 0x0F0F_0F0F_0F0F_0F0F


def a_fingerprint(perceptual: int = TELLING, *, pixels: bytes = b"some") -> Fingerprint:
    return Fingerprint(pixels=pixels.ljust(32, b"."), perceptual=perceptual)


@pytest.mark.parametrize(
    ("other", "bits"),
    [
        (TELLING, 0),
        (TELLING ^ 1, 1),
        (TELLING ^ 1 << 63, 1),
        (TELLING ^ 0b1011 << 30, 3),
        (~TELLING & (1 << 64) - 1, 64),
    ],
)
def test_the_distance_is_the_number_of_bits_that_differ(other: int, bits: int) -> None:
    distance = distance_between(a_fingerprint(), a_fingerprint(other, pixels=b"others"))

    assert distance == bits


def test_a_hash_is_the_same_signed_or_not() -> None:
    unsigned = 0xFFFF_0000_FFFF_0000
    signed = unsigned - (1 << 64)

    assert bits_apart(unsigned, signed) == 0
    assert bits_apart(signed, unsigned ^ 1) == 1
    assert is_flat(signed) == is_flat(unsigned) is False


def test_the_same_pixels_are_never_apart() -> None:
    rounded_otherwise = distance_between(a_fingerprint(TELLING), a_fingerprint(TELLING ^ 1))
    flat = distance_between(a_fingerprint(0), a_fingerprint(0))

    assert (rounded_otherwise, flat) == (0, 0)


@pytest.mark.parametrize("flat", [0, 1, -1, 1 << 63, 0x7F, (1 << 64) - 1, ((1 << 64) - 1) ^ 0x7F])
def test_pictures_that_show_next_to_nothing_are_not_told_to_be_alike(flat: int) -> None:
    same_hash = distance_between(a_fingerprint(flat, pixels=b"black"), a_fingerprint(flat, pixels=b"white"))
    beside_a_telling_one = distance_between(a_fingerprint(0xFF), a_fingerprint(flat, pixels=b"white"))

    assert is_flat(flat)
    assert (same_hash, beside_a_telling_one) == (None, None)


@pytest.mark.parametrize("hash", [0xFF, 0xFF << 56, TELLING, ((1 << 64) - 1) ^ 0xFF])
def test_eight_bits_set_and_eight_clear_tell_enough(hash: int) -> None:
    assert not is_flat(hash)

from photostore_adapters.imaging.decoding.proof import prove


def test_every_format_is_proved_on_real_pixels() -> None:
    assert prove() == dict.fromkeys(["JPEG", "PNG", "WebP", "GIF", "TIFF", "HEIC", "AVIF", "RAW"])

"""Which image format a client wants most (RFC 9110, 12.5.1)."""

from photostore.photo.picture import ImageFormat

_BEST_FIRST = (ImageFormat.AVIF, ImageFormat.WEBP, ImageFormat.JPEG)


def wanted_format(accept: str) -> ImageFormat:
    """The smallest of the formats that `Accept` likes best; JPEG, which everything shows, where it knows none of them."""
    qualities = _qualities(accept or "*/*")
    best = max(_BEST_FIRST, key=lambda each: _quality(each, qualities))
    return best if _quality(best, qualities) > 0 else ImageFormat.JPEG


def _quality(format: ImageFormat, qualities: dict[str, float]) -> float:
    for kind in (format.content_type, "image/*", "*/*"):
        if kind in qualities:
            return qualities[kind]
    return 0


def _qualities(accept: str) -> dict[str, float]:
    qualities = dict[str, float]()
    for part in accept.split(","):
        kind, *parameters = (each.strip().lower() for each in part.split(";"))
        weights = [each[2:].strip() for each in parameters if each.startswith("q=")]
        qualities[kind.replace("image/jpg", "image/jpeg")] = _weight(weights[0]) if weights else 1
    return qualities


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0
    return weight if 0 <= weight <= 1 else 0

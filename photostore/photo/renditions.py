"""Which renditions there are, and where they lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from photostore.photo.errors import ImageSizeInvalid, RenditionNotFound, RenditionPending
from photostore.photo.geometry import Size, frame_of
from photostore.photo.photo import PhotoStatus
from photostore.photo.picture import Fit, ImageFormat, Recipe
from photostore.photo.queries import PhotoView
from photostore.shared.blobs import BlobKey, blob_key
from photostore.shared.errors import FieldError

ORIGINALS = "originals/"
RENDITIONS = "renditions/"
LADDER = (160, 320, 640, 960, 1280, 1600, 2048, 2560)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionPolicy:
    """What is made of every photo: each size (its longest side in pixels, by its name) in each of the formats.

    `keywords_as_hashtags` is whether keywords in the metadata become hashtags where the uploader does not say.
    """

    sizes: Mapping[str, int]
    formats: Sequence[ImageFormat]
    keywords_as_hashtags: bool

    def named_recipes(self) -> list[tuple[str, Recipe]]:
        return [(name, self.recipe(name, each)) for name in self.sizes for each in self.formats]

    def recipe(self, name: str, format: ImageFormat) -> Recipe:
        """Raise `RenditionNotFound` when no size is called so."""
        if name not in self.sizes:
            raise RenditionNotFound(f"There is no rendition {name[:80]!r}; there are {', '.join(self.sizes)}.")
        return Recipe(width=self.sizes[name], height=self.sizes[name], format=format)


def rendition_folder(original: BlobKey) -> str:
    """Everything made from an original lies here: `renditions/x/` for `originals/x`."""
    return f"{RENDITIONS}{original.removeprefix(ORIGINALS)}/"


def original_of(rendition: BlobKey) -> BlobKey:
    """The original that lies where this rendition's folder says."""
    return blob_key(ORIGINALS + rendition.removeprefix(RENDITIONS).rpartition("/")[0])


def kept_by(key: BlobKey) -> BlobKey:
    """The blob whose row keeps this one: what was made from an original is kept by that; whatever else, by itself."""
    folder = key.removeprefix(RENDITIONS).rpartition("/")[0]
    return original_of(key) if key.startswith(RENDITIONS) and folder else key


def picture_of(key: BlobKey) -> str:
    """What an original and all that was made from it have in common in their keys."""
    if key.startswith(RENDITIONS):
        return original_of(key).removeprefix(ORIGINALS)
    return key.removeprefix(ORIGINALS)


def rendition_key(
    original: BlobKey, source_sha256: bytes, recipe: Recipe, *, size: Size, encoder_version: str
) -> BlobKey:
    """A digest of source, result and encoder: whatever would change the bytes changes the key, and nothing else does.

    `size` is the original's, as displayed: boxes that give the same picture of it share a key.
    """
    frame = frame_of(recipe, size)
    told = (source_sha256.hex(), *frame.scaled, *frame.cut, recipe.format, encoder_version)
    digest = sha256("|".join(map(str, told)).encode()).hexdigest()[:32]
    return blob_key(f"{rendition_folder(original)}{digest}.{recipe.format}")


def ladder_recipe(*, width: int | None, height: int | None, fit: Fit, format: ImageFormat) -> Recipe:
    """A box of the asked size, each side rounded up to the ladder. Raise `ImageSizeInvalid`.

    One side suffices to contain a picture: the other is then free. To cover a box needs both.
    """
    missing = [name for name, side in (("width", width), ("height", height)) if side is None]
    if len(missing) == 2 or (missing and fit is Fit.COVER):
        message = "is needed to cover a box" if fit is Fit.COVER else "width or height is needed"
        raise ImageSizeInvalid("The size is not told.", errors=[FieldError(missing[0], message)])
    return Recipe(width=_step("width", width), height=_step("height", height), fit=fit, format=format)


def _step(name: str, side: int | None) -> int:
    if side is None:
        return LADDER[-1]
    if not 1 <= side <= LADDER[-1]:
        raise ImageSizeInvalid("The size is out of bounds.", errors=[FieldError(name, f"must be 1 to {LADDER[-1]}")])
    return next(step for step in LADDER if step >= side)


def demand_shown(photo: PhotoView) -> None:
    """Raise `RenditionPending` while the photo has not been decoded, `RenditionNotFound` when it cannot be and never was."""
    if photo.status == PhotoStatus.PROCESSING:
        raise RenditionPending("The photo has not been decoded yet.")
    # One whose original was lost goes on showing what was made from it.
    if photo.status == PhotoStatus.FAILED and not photo.renditions:
        raise RenditionNotFound(f"The photo could not be decoded: {photo.failure}.")

"""Decode a photo, keep what it shows and says: the job that its creation caused."""

from dataclasses import dataclass

from photostore.photo.decoding import DecodedPicture, PictureDecoder, PictureUndecodable
from photostore.photo.errors import PhotoNotFound
from photostore.photo.keeping import keep
from photostore.photo.photo import Photo, PhotoStatus, Shown
from photostore.photo.picture import Failure, Recipe, Rendition
from photostore.photo.ports import PhotoRepository
from photostore.photo.renditions import RenditionPolicy, rendition_key
from photostore.quota.ports import Quotas
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork

# A picture that fails is tried once more. One whose decoding never comes to an end takes the machine with it.
TRIES = 2
STARTS = 5


@dataclass(frozen=True, slots=True)
class DecodePhoto:
    """Make the renditions that it lacks, then say so in one transaction; answer its status, or `None` when it is gone.

    Run twice it does the same: a rendition's key is made of all that its bytes depend on. A picture that cannot be
    decoded becomes `failed`; what is the service's fault is raised, and tried again by whoever runs the job.
    """

    photos: PhotoRepository
    quotas: Quotas
    decoder: PictureDecoder
    blobs: BlobStore
    policy: RenditionPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, owner: UserId, photo_id: PhotoId, keywords_as_hashtags: bool | None = None
    ) -> PhotoStatus | None:
        try:
            async with self.unit_of_work:
                photo = await self.photos.get(photo_id, owner=owner)
                starts = await self.photos.count_decoding(photo_id, owner=owner)
            if starts > STARTS:
                return await self._fail(photo, Failure.CRASHED)
            return await self._decode(photo, keywords_as_hashtags)
        except PhotoNotFound:
            return None

    async def _decode(self, photo: Photo, keywords_as_hashtags: bool | None) -> PhotoStatus:
        kept, lacking = self._renditions(photo)
        keywords = self.policy.keywords_as_hashtags if keywords_as_hashtags is None else keywords_as_hashtags
        failure = Failure.CRASHED
        for _ in range(TRIES):
            try:
                recipes = [recipe for _, recipe in lacking]
                async with self.decoder.decode(
                    photo.blob_key, content_type=photo.content_type, recipes=recipes
                ) as picture:
                    made = await self._keep(photo, picture, [name for name, _ in lacking])
                return await self._show(photo, picture, (*kept, *made), keywords=keywords)
            except PictureUndecodable as error:
                failure = error.failure
            except BlobNotFound:
                await self._demand_there(photo)
                raise
        return await self._fail(photo, failure)

    def _renditions(self, photo: Photo) -> tuple[list[Rendition], list[tuple[str, Recipe]]]:
        """Those that are as they should be, and those that are to be made."""
        there = {each.blob_key: each for each in photo.renditions}
        kept, lacking = list[Rendition](), list[tuple[str, Recipe]]()
        for name, recipe in self.policy.named_recipes():
            key = self._key(photo, recipe)
            if key in there and there[key].name == name:
                kept.append(there[key])
            else:
                lacking.append((name, recipe))
        return kept, lacking

    async def _keep(self, photo: Photo, picture: DecodedPicture, names: list[str]) -> list[Rendition]:
        kept = list[Rendition]()
        for name, made in zip(names, picture.renditions, strict=True):
            key = self._key(photo, made.recipe)
            kept.append(
                Rendition(
                    name=name,
                    format=made.recipe.format,
                    width=made.width,
                    height=made.height,
                    byte_size=await keep(self.blobs, key, made),
                    blob_key=key,
                )
            )
        return kept

    def _key(self, photo: Photo, recipe: Recipe) -> BlobKey:
        return rendition_key(photo.blob_key, photo.sha256, recipe, self.decoder.encoder_version)

    async def _show(
        self, photo: Photo, picture: DecodedPicture, renditions: tuple[Rendition, ...], *, keywords: bool
    ) -> PhotoStatus:
        order = {pair: place for place, pair in enumerate(self._order())}
        shown = Shown(
            width=picture.width,
            height=picture.height,
            facts=picture.facts,
            placeholder=picture.placeholder,
            fingerprint=picture.fingerprint,
            renditions=tuple(sorted(renditions, key=lambda each: order[each.name, each.format])),
        )
        try:
            async with self.unit_of_work:
                fresh = await self.photos.get(photo.id, owner=photo.owner_id)
                before = fresh.figures
                fresh.show(shown, now=self.clock.now())
                if keywords:
                    fresh.tag_with_keywords(picture.facts.keywords, now=self.clock.now())
                await self.photos.save(fresh)
                await self.quotas.adjust(photo.owner_id, fresh.figures - before)
        except PhotoNotFound:
            # Deleted meanwhile, perhaps before these were written: nobody else would remove them.
            for each in renditions:
                await self.blobs.delete(each.blob_key)
            raise
        return PhotoStatus.READY

    def _order(self) -> list[tuple[str, str]]:
        return [(name, recipe.format) for name, recipe in self.policy.named_recipes()]

    async def _fail(self, photo: Photo, failure: Failure) -> PhotoStatus:
        async with self.unit_of_work:
            fresh = await self.photos.get(photo.id, owner=photo.owner_id)
            fresh.fail(failure, now=self.clock.now())
            await self.photos.save(fresh)
        return PhotoStatus.FAILED

    async def _demand_there(self, photo: Photo) -> None:
        """Raise `PhotoNotFound` when the bytes are gone because the photo is."""
        async with self.unit_of_work:
            await self.photos.get(photo.id, owner=photo.owner_id)

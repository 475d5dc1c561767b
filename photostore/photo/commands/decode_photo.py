"""Decode a photo, keep what it shows and says: the job that its creation caused."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from photostore.job.ports import JobQueue
from photostore.photo.decoding import DecodedPicture, PictureDecoder, PictureUndecodable
from photostore.photo.errors import PhotoNotFound
from photostore.photo.geometry import Size
from photostore.photo.jobs import second_try
from photostore.photo.keeping import keep
from photostore.photo.photo import Photo, PhotoStatus, Shown
from photostore.photo.picture import LOST, Failure, Recipe, Rendition
from photostore.photo.ports import PhotoRepository
from photostore.photo.renditions import RenditionPolicy, rendition_key
from photostore.quota.ports import Quotas
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore
from photostore.shared.clock import Clock
from photostore.shared.errors import Unavailable
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork

# A picture that fails is tried once more. One whose decoding never comes to an end takes the machine with it.
TRIES = 2
STARTS = 5
# What takes a decoder long to find out waits for its second try until nobody else waits.
COSTLY = {Failure.TIMED_OUT, Failure.OUT_OF_MEMORY, Failure.CRASHED}


@dataclass(frozen=True, slots=True)
class DecodePhoto:
    """Make the renditions that it lacks, then say so in one transaction.

    Answer `READY`, the `Failure`, `PROCESSING` when it is to be tried again later, or `None` when the photo is gone. Run
    twice it does the same: a rendition's key is made of all that its bytes depend on. A picture that cannot be decoded
    becomes `failed`; what is the service's fault is raised, and tried again by whoever runs the job.
    """

    photos: PhotoRepository
    quotas: Quotas
    decoder: PictureDecoder
    blobs: BlobStore
    jobs: JobQueue
    policy: RenditionPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        owner: UserId,
        photo_id: PhotoId,
        keywords_as_hashtags: bool | None = None,
        again: bool = False,
    ) -> PhotoStatus | Failure | None:
        try:
            async with self.unit_of_work:
                photo = await self.photos.get(photo_id, owner=owner)
                starts = await self.photos.count_decoding(photo_id, owner=owner)
            if starts > STARTS:
                return await self._fail(photo, Failure.CRASHED)
            return await self._decode(photo, keywords_as_hashtags, again=again)
        except PhotoNotFound:
            return None
        except (Exception, asyncio.CancelledError):
            # Told in good order, so that it is no picture that takes the machine with it: this start does not count.
            with suppress(Unavailable, PhotoNotFound):
                async with self.unit_of_work:
                    await self.photos.forget_decoding(photo_id, owner=owner)
            raise

    async def _decode(self, photo: Photo, keywords_as_hashtags: bool | None, *, again: bool) -> PhotoStatus | Failure:
        kept, lacking = self._renditions(photo)
        keywords = self.policy.keywords_as_hashtags if keywords_as_hashtags is None else keywords_as_hashtags
        recipes = [recipe for _, recipe in lacking]
        failure = Failure.CRASHED
        for _ in range(1 if again else TRIES):
            try:
                async with self.decoder.decode(
                    photo.blob_key, content_type=photo.content_type, recipes=recipes
                ) as picture:
                    made = await self._keep(photo, picture, [name for name, _ in lacking])
                return await self._show(photo, picture, (*kept, *made), keywords=keywords)
            except PictureUndecodable as error:
                failure = error.failure
                if failure in COSTLY and not again:
                    return await self._try_later(photo, keywords_as_hashtags)
            except BlobNotFound:
                await self._demand_there(photo)
                if photo.failure in LOST:
                    return photo.failure
                raise
        return await self._fail(photo, failure)

    def _renditions(self, photo: Photo) -> tuple[list[Rendition], list[tuple[str, Recipe]]]:
        """Those that are as they should be, and those that are to be made."""
        there = {(each.name, each.blob_key): each for each in photo.renditions}
        kept, lacking = list[Rendition](), list[tuple[str, Recipe]]()
        for name, recipe in self.policy.named_recipes():
            found = there.get((name, self._key(photo, recipe, Size(photo.width, photo.height))))
            if found is not None:
                kept.append(found)
            else:
                lacking.append((name, recipe))
        return kept, lacking

    async def _keep(self, photo: Photo, picture: DecodedPicture, names: list[str]) -> list[Rendition]:
        kept = list[Rendition]()
        for name, made in zip(names, picture.renditions, strict=True):
            key = self._key(photo, made.recipe, Size(picture.width, picture.height))
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

    def _key(self, photo: Photo, recipe: Recipe, size: Size) -> BlobKey:
        version = self.decoder.encoder_version
        return rendition_key(photo.blob_key, photo.sha256, recipe, size=size, encoder_version=version)

    async def _show(
        self, photo: Photo, picture: DecodedPicture, renditions: tuple[Rendition, ...], *, keywords: bool
    ) -> PhotoStatus:
        order = {(name, recipe.format): place for place, (name, recipe) in enumerate(self.policy.named_recipes())}
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

    async def _try_later(self, photo: Photo, keywords_as_hashtags: bool | None) -> PhotoStatus:
        async with self.unit_of_work:
            await self.photos.forget_decoding(photo.id, owner=photo.owner_id)
            await self.jobs.enqueue([second_try(photo.owner_id, photo.id, keywords_as_hashtags)])
        return PhotoStatus.PROCESSING

    async def _fail(self, photo: Photo, failure: Failure) -> Failure:
        async with self.unit_of_work:
            fresh = await self.photos.get(photo.id, owner=photo.owner_id)
            fresh.fail(failure, now=self.clock.now())
            await self.photos.save(fresh)
        return failure

    async def _demand_there(self, photo: Photo) -> None:
        """Raise `PhotoNotFound` when the bytes are gone because the photo is."""
        async with self.unit_of_work:
            await self.photos.get(photo.id, owner=photo.owner_id)

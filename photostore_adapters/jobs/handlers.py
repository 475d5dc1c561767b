"""Which use case does which job."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from dishka import AsyncContainer

from photostore.audit.commands.prune_audit_log import PruneAuditLog
from photostore.event.commands.compact_changes import CompactChanges
from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.photo.commands.decode_photo import DecodePhoto
from photostore.photo.commands.empty_trash import EmptyTrash
from photostore.photo.commands.forget_wanted_images import ForgetWantedImages
from photostore.photo.commands.make_image import MakeImage
from photostore.photo.commands.purge_trash import PurgeTrash
from photostore.photo.jobs import DECODE_PHOTO, EMPTY_TRASH, MAKE_IMAGE
from photostore.photo.picture import Failure, Fit, ImageFormat, Recipe
from photostore.quota.commands.reconcile_quotas import ReconcileQuotas
from photostore.reactions import DELETE_BLOBS, ERASE_ACCOUNT
from photostore.replica.commands.keep_replica import KeepReplica
from photostore.replica.commands.look_after_replicas import KEEP_REPLICA, SWEEP_REPLICA
from photostore.replica.commands.sweep_replica import SweepReplica
from photostore.replica.errors import ReplicaNotFound
from photostore.replica.policy import ReplicaPolicy
from photostore.share_link.commands.forget_visitors import ForgetVisitors
from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.idempotency import IdempotencyKeys
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.media import MediaRevocations
from photostore.shared.rate_limits import RateLimiter
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.delete_blobs import DeleteBlobs
from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.upload.commands.prune_uploads import PruneUploads
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.errors import StoreContested, StoreOfAnother, SweepTooLarge
from photostore.user.commands.erase_account import EraseAccount
from photostore.user.commands.prune_sessions import PruneSessions
from photostore.webhook.commands.prune_deliveries import PruneDeliveries
from photostore_adapters.jobs.housekeeping import QueueLog
from photostore_adapters.observability.drift import tell_drift
from photostore_adapters.observability.metrics import DECODED_PHOTOS, IMAGES_MADE, REPLICA_WORK, UNREFERENCED_BLOBS
from photostore_adapters.postgres.change_outbox import ChangeOutbox

PICTURES, IMAGES, REPLICAS = (DECODE_PHOTO,), (MAKE_IMAGE,), (KEEP_REPLICA, SWEEP_REPLICA)
SWEEP_REPLICAS = "sweep_replicas"
EXPIRE_UPLOADS = "expire_uploads"
SWEEP_BLOBS = "sweep_blobs"
PRUNE = "prune"
PURGE_TRASH = "purge_trash"
RECONCILE_QUOTAS = "reconcile_quotas"
COMPACT_CHANGES = "compact_changes"

Arguments = Mapping[str, Any]
Handler = Callable[[AsyncContainer, Arguments], Awaitable[None]]

_log = structlog.get_logger(__name__)


async def _decode_photo(scope: AsyncContainer, arguments: Arguments) -> None:
    outcome = await (await scope.get(DecodePhoto))(
        owner=UserId(UUID(arguments["owner_id"])),
        photo_id=PhotoId(UUID(arguments["photo_id"])),
        keywords_as_hashtags=arguments.get("keywords_as_hashtags"),
        again=arguments.get("again", False),
    )
    DECODED_PHOTOS.labels("gone" if outcome is None else outcome.value).inc()
    if isinstance(outcome, Failure):
        _log.info("a photo cannot be decoded", photo_id=arguments["photo_id"], failure=outcome.value)


async def _make_image(scope: AsyncContainer, arguments: Arguments) -> None:
    recipe = Recipe(
        width=arguments["width"],
        height=arguments["height"],
        fit=Fit(arguments["fit"]),
        format=ImageFormat(arguments["format"]),
    )
    outcome = await (await scope.get(MakeImage))(
        owner=UserId(UUID(arguments["owner_id"])), photo_id=PhotoId(UUID(arguments["photo_id"])), recipe=recipe
    )
    IMAGES_MADE.labels(recipe.format.value, outcome.value).inc()


async def _delete_blobs(scope: AsyncContainer, arguments: Arguments) -> None:
    await (await scope.get(DeleteBlobs))(keys=arguments["keys"], multiparts=arguments.get("multiparts", ()))


async def _erase_account(scope: AsyncContainer, arguments: Arguments) -> None:
    await (await scope.get(EraseAccount))(user_id=UserId(UUID(arguments["user_id"])))


async def _expire_uploads(scope: AsyncContainer, _: Arguments) -> None:
    try:
        ended = await (await scope.get(ExpireUploads))()
    except (StoreContested, BlobStoreUnavailable) as refusal:
        _log.warning("no upload was ended whose time is over", reason=refusal.detail)
        return
    if ended:
        _log.info("expired uploads ended", uploads=ended)


async def _sweep_blobs(scope: AsyncContainer, _: Arguments) -> None:
    try:
        swept = await (await scope.get(SweepBlobs))()
    except (StoreOfAnother, StoreContested, SweepTooLarge) as refusal:
        _log.error("the sweep removed nothing: someone must look", reason=refusal.detail)
        return
    UNREFERENCED_BLOBS.inc(swept.blobs + swept.multiparts)
    if swept.blobs or swept.multiparts:
        _log.warning("unreferenced bytes removed", blobs=swept.blobs, multiparts=swept.multiparts)


async def _empty_trash(scope: AsyncContainer, arguments: Arguments) -> None:
    owner, until = UserId(UUID(arguments["owner_id"])), datetime.fromisoformat(arguments["until"])
    deleted = await (await scope.get(EmptyTrash)).rest(owner=owner, until=until)
    _log.info("a trash was emptied", photos=deleted)


async def _purge_trash(scope: AsyncContainer, _: Arguments) -> None:
    try:
        purged = await (await scope.get(PurgeTrash))()
    except (StoreContested, BlobStoreUnavailable) as refusal:
        _log.warning("the trash keeps what was in it for long enough", reason=refusal.detail)
        return
    if purged:
        _log.info("photos deleted that were in the trash for long enough", photos=purged)


async def _reconcile_quotas(scope: AsyncContainer, _: Arguments) -> None:
    tell_drift(await (await scope.get(ReconcileQuotas))())


async def _compact_changes(scope: AsyncContainer, _: Arguments) -> None:
    looked_at = await (await scope.get(CompactChanges))()
    if looked_at:
        _log.info("the change feeds were compacted", changes=looked_at)


async def _keep_replica(scope: AsyncContainer, arguments: Arguments) -> None:
    store = arguments["store"]
    with suppress(ReplicaNotFound):  # another process has it in its settings, or had
        kept = await (await scope.get(KeepReplica))(store=store)
        for outcome, times in kept.done.items():
            REPLICA_WORK.labels(store, outcome).inc(times)
        if kept.done["lost"]:
            _log.error("originals are in no store as they should be", store=store, originals=kept.done["lost"])
        if kept.failure is not None:
            REPLICA_WORK.labels(store, "failed").inc()
            _log.warning("a store of originals cannot be looked after", store=store, reason=kept.failure)


async def _sweep_replicas(scope: AsyncContainer, _: Arguments) -> None:
    names = (await scope.get(ReplicaPolicy)).names
    sweeps = [
        Job(name=SWEEP_REPLICA, arguments={"store": name}, dedupe_key=f"{SWEEP_REPLICA}:{name}") for name in names
    ]
    async with await scope.get(UnitOfWork):
        await (await scope.get(JobQueue)).enqueue(sweeps)


async def _sweep_replica(scope: AsyncContainer, arguments: Arguments) -> None:
    store = arguments["store"]
    try:
        removed = await (await scope.get(SweepReplica))(store=store)
    except ReplicaNotFound:
        return
    except (StoreOfAnother, StoreContested, SweepTooLarge, BlobStoreUnavailable) as refusal:
        _log.error("the sweep of a replica removed nothing", store=store, reason=refusal.detail)
        return
    if removed:
        _log.warning("unreferenced bytes removed from a replica", store=store, blobs=removed)


async def _prune(scope: AsyncContainer, _: Arguments) -> None:
    await (await scope.get(PruneSessions))()
    await (await scope.get(PruneUploads))()
    await (await scope.get(ForgetWantedImages))()
    await (await scope.get(IdempotencyKeys)).prune()
    await (await scope.get(RateLimiter)).prune()
    await (await scope.get(MediaRevocations)).prune()
    await (await scope.get(ForgetVisitors))()
    await (await scope.get(PruneDeliveries))()
    await (await scope.get(ChangeOutbox)).prune()
    await (await scope.get(PruneAuditLog))()
    await (await scope.get(QueueLog)).prune()


HANDLERS: Mapping[str, Handler] = {
    DECODE_PHOTO: _decode_photo,
    MAKE_IMAGE: _make_image,
    DELETE_BLOBS: _delete_blobs,
    ERASE_ACCOUNT: _erase_account,
    EXPIRE_UPLOADS: _expire_uploads,
    SWEEP_BLOBS: _sweep_blobs,
    PRUNE: _prune,
    EMPTY_TRASH: _empty_trash,
    PURGE_TRASH: _purge_trash,
    RECONCILE_QUOTAS: _reconcile_quotas,
    COMPACT_CHANGES: _compact_changes,
    KEEP_REPLICA: _keep_replica,
    SWEEP_REPLICAS: _sweep_replicas,
    SWEEP_REPLICA: _sweep_replica,
}

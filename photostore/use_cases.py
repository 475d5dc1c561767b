"""Every use case of photostore, one line each: its table of contents. The container is fed from here."""

from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.create_album import CreateAlbum
from photostore.album.commands.delete_album import DeleteAlbum
from photostore.album.commands.edit_album import EditAlbum
from photostore.album.commands.list_photos import ListPhotos
from photostore.album.commands.order_album import OrderAlbum
from photostore.album.commands.read_album_photos import ReadAlbumPhotos
from photostore.album.commands.remove_photos_from_album import RemovePhotosFromAlbum
from photostore.album.commands.share_album import ShareAlbum
from photostore.album.commands.unshare_album import UnshareAlbum
from photostore.archive.commands.choose_album_photos import ChooseAlbumPhotos
from photostore.archive.commands.choose_photos import ChoosePhotos
from photostore.archive.commands.choose_shared_photos import ChooseSharedPhotos
from photostore.archive.commands.demand_still_shared import DemandStillShared
from photostore.archive.commands.keep_checksums import KeepChecksums
from photostore.audit.commands.prune_audit_log import PruneAuditLog
from photostore.audit.commands.record_action import RecordAction
from photostore.check.commands.audit_rows import AuditRows
from photostore.check.commands.check_library import CheckLibrary
from photostore.check.commands.compare_store import CompareStore
from photostore.check.commands.find_leftovers import FindLeftovers
from photostore.check.commands.mend_library import MendLibrary
from photostore.check.commands.mend_photo import MendPhoto
from photostore.check.commands.mend_row import MendRow
from photostore.check.commands.mend_stray import MendStray
from photostore.check.commands.verify_originals import VerifyOriginals
from photostore.event.commands.begin_stream import BeginStream
from photostore.event.commands.compact_changes import CompactChanges
from photostore.event.commands.follow_changes import FollowChanges
from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.job.commands.discard_job import DiscardJob
from photostore.job.commands.retry_failed_jobs import RetryFailedJobs
from photostore.job.commands.retry_job import RetryJob
from photostore.photo.commands.decode_photo import DecodePhoto
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.delete_trashed import DeleteTrashed
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.empty_trash import EmptyTrash
from photostore.photo.commands.forget_wanted_images import ForgetWantedImages
from photostore.photo.commands.make_image import MakeImage
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.purge_trash import PurgeTrash
from photostore.photo.commands.rebuild_renditions import RebuildRenditions
from photostore.photo.commands.request_image import RequestImage
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.commands.tag_photo import TagPhoto
from photostore.photo.commands.untag_photo import UntagPhoto
from photostore.quota.commands.reconcile_quotas import ReconcileQuotas
from photostore.replica.commands.claim_stores import ClaimStores
from photostore.replica.commands.forget_replica import ForgetReplica
from photostore.replica.commands.keep_replica import KeepReplica
from photostore.replica.commands.look_after_replicas import LookAfterReplicas
from photostore.replica.commands.rescue_original import RescueOriginal
from photostore.replica.commands.sweep_replica import SweepReplica
from photostore.selection.commands.mark_photo import MarkPhoto
from photostore.selection.commands.read_selection import ReadSelection
from photostore.selection.commands.reopen_selection import ReopenSelection
from photostore.selection.commands.submit_selection import SubmitSelection
from photostore.share_link.commands.count_download import CountDownload
from photostore.share_link.commands.create_share_link import CreateShareLink
from photostore.share_link.commands.delete_share_link import DeleteShareLink
from photostore.share_link.commands.edit_share_link import EditShareLink
from photostore.share_link.commands.enter_share import EnterShare
from photostore.share_link.commands.forget_visitors import ForgetVisitors
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.commands.show_exposure import ShowExposure
from photostore.share_link.commands.stay_in_share import StayInShare
from photostore.share_link.commands.unlock_share import UnlockShare
from photostore.share_link.commands.view_share import ViewShare
from photostore.submission.commands.approve_submission import ApproveSubmission
from photostore.submission.commands.read_submission import ReadSubmission
from photostore.submission.commands.receive_submission import ReceiveSubmission
from photostore.submission.commands.reject_submission import RejectSubmission
from photostore.transfer.commands.export_library import ExportLibrary
from photostore.transfer.commands.import_album import ImportAlbum
from photostore.transfer.commands.import_photo import ImportPhoto
from photostore.upload.commands.abort_guest_upload import AbortGuestUpload
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.commands.complete_direct_upload import CompleteDirectUpload
from photostore.upload.commands.complete_guest_upload import CompleteGuestUpload
from photostore.upload.commands.complete_upload import CompleteUpload
from photostore.upload.commands.delete_blobs import DeleteBlobs
from photostore.upload.commands.end_upload import EndUpload
from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.upload.commands.prune_uploads import PruneUploads
from photostore.upload.commands.receive_bytes import ReceiveBytes
from photostore.upload.commands.show_guest_upload import ShowGuestUpload
from photostore.upload.commands.show_resumable_upload import ShowResumableUpload
from photostore.upload.commands.show_upload import ShowUpload
from photostore.upload.commands.start_direct_upload import StartDirectUpload
from photostore.upload.commands.start_guest_upload import StartGuestUpload
from photostore.upload.commands.start_resumable_upload import StartResumableUpload
from photostore.upload.commands.start_upload import StartUpload
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.commands.upload_form import UploadForm
from photostore.upload.commands.upload_guest_form import UploadGuestForm
from photostore.user.commands.authenticate import Authenticate
from photostore.user.commands.authenticate_provider_token import AuthenticateProviderToken
from photostore.user.commands.begin_provider_sign_in import BeginProviderSignIn
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.create_account import CreateAccount
from photostore.user.commands.create_api_key import CreateApiKey
from photostore.user.commands.delete_api_key import DeleteApiKey
from photostore.user.commands.edit_account import EditAccount
from photostore.user.commands.erase_account import EraseAccount
from photostore.user.commands.find_account import FindAccount
from photostore.user.commands.find_token_end import FindTokenEnd
from photostore.user.commands.finish_provider_sign_in import FinishProviderSignIn
from photostore.user.commands.make_admin import MakeAdmin
from photostore.user.commands.open_session import OpenSession
from photostore.user.commands.provision_user import ProvisionUser
from photostore.user.commands.prune_sessions import PruneSessions
from photostore.user.commands.refresh_session import RefreshSession
from photostore.user.commands.register import Register
from photostore.user.commands.rename_user import RenameUser
from photostore.user.commands.revoke_other_sessions import RevokeOtherSessions
from photostore.user.commands.revoke_session import RevokeSession
from photostore.user.commands.set_password import SetPassword
from photostore.user.commands.sign_in import SignIn
from photostore.webhook.commands.create_webhook import CreateWebhook
from photostore.webhook.commands.delete_webhook import DeleteWebhook
from photostore.webhook.commands.deliver_webhook import DeliverWebhook
from photostore.webhook.commands.edit_webhook import EditWebhook
from photostore.webhook.commands.ping_webhook import PingWebhook
from photostore.webhook.commands.prune_deliveries import PruneDeliveries
from photostore.webhook.commands.replay_delivery import ReplayDelivery
from photostore.webhook.commands.rotate_webhook_secret import RotateWebhookSecret

USE_CASES: tuple[type, ...] = (
    # Accounts
    Register,  # make a local account
    SignIn,  # with address and password
    BeginProviderSignIn,  # send a browser to the identity provider
    FinishProviderSignIn,  # take it back and sign its user in
    ProvisionUser,  # the user of a provider's identity
    OpenSession,  # begin a session for someone who proved who they are
    RefreshSession,  # trade a refresh token for new tokens
    Authenticate,  # find out who sends a bearer token
    FindTokenEnd,  # until when a token is good by itself
    AuthenticateProviderToken,  # the same of a token of the identity provider's own
    RevokeSession,  # sign one device out
    RevokeOtherSessions,  # sign all others out
    CreateApiKey,  # for a program
    DeleteApiKey,
    RenameUser,  # change the name that is shown
    CloseAccount,  # gone at once for everyone
    EraseAccount,  # job: and everything of it
    EditAccount,  # for administrators: quota, rights, disabled or not
    FindAccount,  # whom somebody at the command line means
    MakeAdmin,  # for whoever has the command line
    CreateAccount,  # likewise
    SetPassword,  # likewise
    PruneSessions,  # schedule: forget ended sessions
    # Uploads
    UploadForm,  # the form door
    StartUpload,  # reserve quota, choose the key
    StartDirectUpload,  # the same for bytes that go straight to the store
    ShowUpload,  # what has arrived, and where the rest goes
    StartResumableUpload,  # the same for bytes that come piece by piece
    ReceiveBytes,  # a piece
    ShowResumableUpload,  # how far it has come
    CompleteDirectUpload,  # check what lies in the store
    CompleteUpload,  # the one end of every door: the photo is made
    EndUpload,  # give one up
    AbortUpload,  # take one back
    ExpireUploads,  # schedule: end those whose time is over
    PruneUploads,  # schedule: forget those that ended
    DeleteBlobs,  # job: remove bytes that no row names any more
    SweepBlobs,  # schedule: remove what crashes left
    # Replicas: further stores in which every original lies once more
    LookAfterReplicas,  # schedule: see which stores have something to be done
    KeepReplica,  # job: copy, mend and delete it
    SweepReplica,  # schedule: remove what no photo names
    ForgetReplica,  # one that is no more
    ClaimStores,  # let the rows of a restored database say what they hold
    RescueOriginal,  # put one back into the primary, now
    # Photos
    EditPhoto,  # change what is said about one
    TagPhoto,
    UntagPhoto,
    DeletePhoto,  # for good
    # The trash
    MoveToTrash,  # many at once
    RestoreFromTrash,  # as they were
    DeleteTrashed,  # for good, what is in it
    EmptyTrash,  # all of it: at once, or by a job
    PurgeTrash,  # schedule: what was in it for long enough
    # Quota
    ReconcileQuotas,  # schedule: count anew
    # Pictures
    DecodePhoto,  # job: what it shows and says, its renditions
    RebuildRenditions,  # have old photos decoded again, batch by batch
    RequestImage,  # of any size, made when it is first asked for
    MakeImage,  # job: make it
    ForgetWantedImages,  # schedule: those that nobody waits for any more
    # Share links
    CreateShareLink,  # to an album, or to photos
    EditShareLink,  # change what it allows, or take it back for a while
    DeleteShareLink,
    EnterShare,  # whoever follows a link: the gate
    StayInShare,  # the same for what takes long to give
    UnlockShare,  # its password for a token
    ReadShare,  # its photos, however it comes by them
    ViewShare,  # counted, and limited
    CountDownload,
    ShowExposure,  # through what a photo can be reached
    ForgetVisitors,  # schedule: those of the days before
    # Archives
    ChoosePhotos,  # of one's own, all or a refusal
    ChooseAlbumPhotos,  # whoever they belong to
    ChooseSharedPhotos,  # what a visitor sees
    DemandStillShared,  # asked while it is sent
    KeepChecksums,  # what an archive found out
    # The change feed
    BeginStream,  # where a client is told from, event by event
    FollowChanges,  # read on, and wait for what comes
    CompactChanges,  # schedule: forget what nobody needs any more
    # Webhooks
    CreateWebhook,  # another program is told, from now on
    EditWebhook,  # also to try it at once
    DeleteWebhook,
    RotateWebhookSecret,  # the one before signs for a day more
    PingWebhook,  # try it
    ReplayDelivery,  # once more
    DeliverWebhook,  # what a worker does when something changed
    PruneDeliveries,  # schedule: forget those of long ago
    # Albums
    CreateAlbum,  # filled by hand, or by a query
    EditAlbum,  # name, description, cover, query
    DeleteAlbum,  # the photos stay
    AddPhotosToAlbum,  # one's own
    RemovePhotosFromAlbum,
    OrderAlbum,  # move some after another
    ReadAlbumPhotos,  # page by page
    ListPhotos,  # one's own, or those in an album, by all filters
    ShareAlbum,  # with another user, by id or address
    UnshareAlbum,  # or leave it
    # What guests send
    UploadGuestForm,  # as a form
    StartGuestUpload,  # straight to the store
    ShowGuestUpload,
    CompleteGuestUpload,
    AbortGuestUpload,
    ReceiveSubmission,  # the end of both doors: counted, and in the album unless it is held
    ReadSubmission,  # what became of it
    ApproveSubmission,
    RejectSubmission,
    # What guests choose
    MarkPhoto,
    SubmitSelection,  # once
    ReadSelection,
    ReopenSelection,
    # Checking and mending
    CheckLibrary,  # whatever there is, step by step
    CompareStore,  # rows and bytes
    FindLeftovers,  # tails and parts
    AuditRows,  # counters, links, the feed
    VerifyOriginals,  # digests
    MendLibrary,  # what was found
    MendPhoto,
    MendStray,
    MendRow,
    # Jobs that failed
    RetryJob,
    RetryFailedJobs,  # all of them
    DiscardJob,
    # The audit log
    RecordAction,  # in the transaction of what is done
    PruneAuditLog,  # schedule: where a retention is set
    # Moving libraries
    ExportLibrary,  # one owner's, with all that is known of it
    ImportPhoto,  # a file, with what is said beside it
    ImportAlbum,  # as it was, or what is missing of it
    # Hashtags
    CreateHashtag,  # before any photo carries it
)

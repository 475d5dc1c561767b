"""What requests and answers look like, by the name of their schema. A test holds each to its schema."""

from collections.abc import Mapping
from typing import Any

_NOW = "2026-06-01T12:00:00Z"
_ID = "0190f7f2-7bd4-7c3e-9d53-6a3d9f0c1a2b"
_OWNER = "0190f7f2-0a11-7e51-8f0e-3b1c5d7e9f01"
_SHA256 = "f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2"
_KEY = {
    "id": _ID,
    "name": "backup of the laptop",
    "scopes": ["photos:read", "photos:write"],
    "created_at": _NOW,
    "expires_at": None,
}
_HASHTAG = {"id": _ID, "name": "sunset", "photo_count": 12, "created_at": _NOW}
_SESSION = {
    "id": _ID,
    "created_at": _NOW,
    "last_seen_at": _NOW,
    "user_agent": "curl/8.5.0",
    "ip_address": "192.0.2.1",
    "current": True,
}
_PHOTO = {
    "id": _ID,
    "owner_id": _OWNER,
    "filename": "IMG_0042.JPG",
    "title": "Sunset at the pier",
    "description": None,
    "content_type": "image/jpeg",
    "byte_size": 5_850_112,
    "sha256": _SHA256,
    "width": 4032,
    "height": 3024,
    "taken_at": "2026-05-30T18:41:07Z",
    "taken_at_offset_minutes": 120,
    "camera": {
        "make": "Apple",
        "model": "iPhone 15",
        "lens": "iPhone 15 back dual wide camera 5.96mm f/1.6",
        "f_number": 1.6,
        "exposure_seconds": 0.008,
        "iso": 50,
        "focal_length_mm": 5.96,
    },
    "location": {"latitude": 48.2081743, "longitude": 16.3738189, "altitude_m": 171.2},
    "hashtags": ["sunset", "holiday"],
    "favorite": False,
    "custom": {"album_page": 3},
    "status": "ready",
    "failure": None,
    "placeholder": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
    "renditions": [
        {
            "name": "thumb",
            "width": 320,
            "height": 240,
            "byte_size": 14_210,
            "content_type": "image/webp",
            "url": "https://photos.example.org/media/renditions/2d/0190f7f2/6f1e.webp?t=image/webp&n=14210&a=user-0190&e=1780322400&s=5c1d",
        }
    ],
    "file_url": "https://photos.example.org/media/originals/2d/0190f7f2?t=image/jpeg&n=5850112&a=user-0190&e=1780322400&s=9b3a",
    "urls_expire_at": "2026-06-01T14:00:00Z",
    "version": 3,
    "duplicate": False,
    "trashed_at": None,
    "created_at": _NOW,
    "updated_at": _NOW,
}

_DUPLICATE = {**_PHOTO, "distance": 2, "same_pixels": False}
_PHOTO_GROUP = {
    "kind": "near",
    "distance": 2,
    "photo_count": 2,
    "photos": [
        {**_PHOTO, "distance": 0, "same_pixels": True},
        {**_DUPLICATE, "id": "0190f7f2-9c11-7b02-8a4e-5d2f6e8a0b13"},
    ],
}

_START_UPLOAD = {
    "filename": "IMG_0042.JPG",
    "content_type": "image/jpeg",
    "byte_size": 5_850_112,
    "sha256": _SHA256,
    "hashtags": ["sunset"],
}
_UPLOAD = {
    "id": _ID,
    "state": "pending",
    "reason": None,
    "filename": "IMG_0042.JPG",
    "byte_size": 5_850_112,
    "parts": [
        {
            "number": 1,
            "offset": 0,
            "byte_size": 5_850_112,
            "method": "PUT",
            "url": "https://bucket.s3.eu-central-1.amazonaws.com/originals/2d/0190f7f2?X-Amz-Signature=5c1d",
            "headers": {
                "content-length": "5850112",
                "content-type": "image/jpeg",
                "x-amz-checksum-sha256": "8sobtsfpB9Btr+Roflefznazfk6Tt2BQItpS5szCb9I=",
            },
            "received": False,
        }
    ],
    "expires_at": "2026-06-02T12:00:00Z",
    "photo_id": None,
    "photo": None,
    "created_at": _NOW,
}
_LISTED_UPLOAD = {**_UPLOAD, "state": "rejected", "reason": "The file is a PDF.", "parts": []}
_IDS = {"photo_ids": [_ID]}


_TOLD = {"event_id": "0190f7f3-1c52-7a90-b6de-2f4b7c8d9e01", "seq": 4711, "id": _ID, "occurred_at": _NOW}
_PHOTO_CHANGE = {
    **_TOLD,
    "event": "photo.trashed",
    "entity": "photo",
    "data": {
        **_PHOTO,
        "renditions": [],
        "file_url": None,
        "urls_expire_at": None,
        "trashed_at": _NOW,
    },
}
_CURSOR = "WyIwMTkwZjdmMi0wYTExLTdlNTEtOGYwZS0zYjFjNWQ3ZTlmMDEiLDQ3MTEsMTc4MDMxNTIwMF0"


_TOKEN = "uH5nQ1mVx0c3Jr8sT2wYzA4bE6dGf9hK"  # noqa: S105 - of nothing that there is
_LINK = {
    "id": _ID,
    "token": _TOKEN,
    "url": f"https://photos.example.org/s/{_TOKEN}",
    "album_id": None,
    "photo_ids": [_ID],
    "name": "The wedding",
    "has_password": True,
    "expires_at": "2026-07-01T00:00:00Z",
    "allow_download": True,
    "allow_upload": False,
    "hide_metadata": True,
    "max_views": None,
    "max_uploads": None,
    "max_upload_bytes": None,
    "review": False,
    "allow_selection": True,
    "disabled": False,
    "version": 1,
    "created_at": _NOW,
}
_PUBLIC_PHOTO = {
    **_PHOTO,
    "owner_id": None,
    "filename": "photo-6a3d9f0c1a2b.jpg",
    "sha256": None,
    "taken_at_offset_minutes": None,
    "camera": None,
    "location": None,
    "favorite": None,
    "custom": None,
    "renditions": [
        {
            "name": "thumb",
            "width": 320,
            "height": 240,
            "byte_size": 14_210,
            "content_type": "image/webp",
            "url": "https://photos.example.org/media/shared/p0Zk3w/6f1e.webp?t=image/webp&n=14210&a=share-0190-1&e=1780322400&s=5c1d",
        }
    ],
    "file_url": f"https://photos.example.org/api/v1/public/{_TOKEN}/photos/{_ID}/file?e=1780322400&s=9b3a",
}


def _page(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next_cursor": None}


_ALBUM_QUERY = {
    "hashtag": ["sunset"],
    "q": None,
    "favorite": None,
    "taken_after": "2026-05-01T00:00:00Z",
    "taken_before": None,
    "status": None,
}
_ALBUM = {
    "id": _ID,
    "owner_id": _OWNER,
    "name": "Holiday",
    "description": "The week at the sea.",
    "cover_photo_id": None,
    "photo_count": 12,
    "query": None,
    "role": "owner",
    "version": 3,
    "created_at": _NOW,
    "updated_at": _NOW,
}
_MEMBER = {"user_id": _OWNER, "display_name": "Ada", "role": "contributor", "created_at": _NOW}


_ALBUM_PHOTO = {**_PHOTO, "submission": {"id": _ID, "guest_name": "Grace", "share_link_id": _OWNER}}
_MARK = {"photo_id": _ID, "favorite": True, "comment": "Brighter, please."}
_CHOSEN = {"submitted_at": None, "guest_name": None, "note": None}
_SUBMISSION = {
    "id": _ID,
    "share_link_id": _OWNER,
    "album_id": _OWNER,
    "guest_name": "Grace",
    "state": "pending",
    "photo": _PHOTO,
    "created_at": _NOW,
}

_WEBHOOK_URL = "https://hooks.example.org/photos"
_WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw9hK1mVx0c3I="  # noqa: S105 - of nothing that there is
_WEBHOOK = {
    "id": _ID,
    "url": _WEBHOOK_URL,
    "events": ["photo.created", "photo.deleted"],
    "description": "Backup",
    "disabled": False,
    "disabled_at": None,
    "disabled_reason": None,
    "failing_since": None,
    "next_attempt_at": None,
    "delivered_seq": 4711,
    "pending_changes": 0,
    "previous_secret_until": None,
    "version": 1,
    "created_at": _NOW,
}
_DELIVERY = {
    "id": _ID,
    "event_id": _TOLD["event_id"],
    "seq": 4711,
    "event": "photo.created",
    "attempt": 1,
    "status": "delivered",
    "response_status": 204,
    "duration_seconds": 0.114,
    "error": None,
    "created_at": _NOW,
    "attempted_at": _NOW,
    "next_attempt_at": None,
}

_STORAGE = {
    "quota_bytes": 107_374_182_400,
    "used_bytes": 5_850_112,
    "reserved_bytes": 0,
    "originals_bytes": 5_850_112,
    "renditions_bytes": 402_113,
    "trash_bytes": 0,
    "photo_count": 1,
}
_ACCOUNT = {
    "id": _OWNER,
    "email": "ada@example.org",
    "display_name": "Ada",
    "is_admin": False,
    "is_local": True,
    "quota_bytes": None,
    "storage": _STORAGE,
    "sessions": 2,
    "last_seen_at": _NOW,
    "disabled": False,
    "disabled_at": None,
    "version": 3,
    "created_at": _NOW,
}
_AUDIT_ENTRY = {
    "id": _ID,
    "at": _NOW,
    "actor": {"id": _OWNER, "name": None},
    "action": "user.quota_changed",
    "target": {"kind": "user", "id": _ID},
    "details": {"before": None, "after": 107_374_182_400},
    "ip_address": "192.0.2.1",
    "user_agent": "curl/8.5.0",
    "request_id": "0190f7f2-7bd4-7c3e-9d53-6a3d9f0c1a2b",
}
_FAILED_JOB = {
    "id": 4711,
    "name": "delete_blobs",
    "status": "retrying",
    "arguments": {},
    "failures": 3,
    "error": "BlobStoreUnavailable: The blob store does not answer.",
    "created_at": _NOW,
    "failed_at": _NOW,
    "next_try_at": "2026-06-01T12:00:08Z",
}

EXAMPLES: Mapping[str, Any] = {
    "Account": _ACCOUNT,
    "AccountPage": _page(_ACCOUNT),
    "Album": _ALBUM,
    "AlbumChange": {**_TOLD, "event": "album.updated", "entity": "album", "data": _ALBUM},
    "AlbumMember": _MEMBER,
    "AlbumPhoto": _ALBUM_PHOTO,
    "AlbumPhotoPage": _page(_ALBUM_PHOTO),
    "AlbumMemberPage": _page(_MEMBER),
    "AlbumPage": _page(_ALBUM),
    "AlbumQuery": _ALBUM_QUERY,
    "ApiKey": _KEY,
    "AuditEntry": _AUDIT_ENTRY,
    "AuditEntryPage": _page(_AUDIT_ENTRY),
    "ApiKeyPage": _page(_KEY),
    "BatchResult": {"id": _ID, "status": "trashed"},
    "BatchResults": {"results": [{"id": _ID, "status": "trashed"}]},
    "Changes": {"items": [_PHOTO_CHANGE], "next_cursor": _CURSOR},
    "CreateWebhookRequest": {
        "url": _WEBHOOK_URL,
        "events": ["photo.created", "photo.deleted"],
        "description": "Backup",
    },
    "CreatedWebhook": {**_WEBHOOK, "secret": _WEBHOOK_SECRET},
    "EditWebhookRequest": {"disabled": False, "skip_missed": True},
    "RotateWebhookSecretRequest": {},
    "Webhook": _WEBHOOK,
    "WebhookDelivery": _DELIVERY,
    "WebhookDeliveryPage": _page(_DELIVERY),
    "WebhookPage": _page(_WEBHOOK),
    "WebhookSecret": {"secret": _WEBHOOK_SECRET, "previous_secret_until": "2026-06-02T12:00:00Z"},
    "CreateApiKeyRequest": {"name": "backup of the laptop", "scopes": ["photos:read", "photos:write"]},
    "CreateAlbumRequest": {"name": "Holiday", "description": "The week at the sea."},
    "CreateHashtagRequest": {"name": "sunset"},
    "CreateShareLinkRequest": {
        "photo_ids": [_ID],
        "name": "The wedding",
        "password": "cake and candles",
        "expires_at": "2026-07-01T00:00:00Z",
        "allow_download": True,
        "hide_metadata": True,
    },
    "CreatedApiKey": {**_KEY, "key": "psk_AZD38nvUfD6dU2o9nwwaKwGQ9_J71Hw-nVNqPZ8MGis"},
    "DuplicatePhoto": _DUPLICATE,
    "DuplicatePhotoPage": _page(_DUPLICATE),
    "EditAccountRequest": {"quota_bytes": 107_374_182_400, "disabled": False},
    "EditAlbumQuery": {"hashtag": ["sunset", "sea"]},
    "EditAlbumRequest": {"name": "Holiday", "cover_photo_id": _ID},
    "EditPhotoRequest": {"title": "Sunset at the pier", "hashtags": ["sunset"], "favorite": True},
    "EditShareLinkRequest": {"expires_at": "2026-08-01T00:00:00Z", "password": None},
    "EditUserRequest": {"display_name": "Ada"},
    "Hashtag": _HASHTAG,
    "HashtagPage": _page(_HASHTAG),
    "HashtagChange": {**_TOLD, "event": "hashtag.created", "entity": "hashtag", "data": _HASHTAG},
    "Health": {"status": "ok"},
    "Jobs": {
        "queue": [{"name": "decode_photo", "status": "queued", "jobs": 3, "oldest_seconds": 1.4}],
        "items": [_FAILED_JOB],
        "next_cursor": None,
    },
    "KnownFile": {"sha256": _SHA256, "photo_id": _ID, "deleted_at": None},
    "LookupRequest": {"sha256": [_SHA256]},
    "LookupResponse": {"items": [{"sha256": _SHA256, "photo_id": _ID, "deleted_at": None}]},
    "MarkPhotoRequest": {"favorite": True, "comment": "Brighter, please."},
    "OrderAlbumRequest": {"photo_ids": [_ID], "after": None},
    "Photo": _PHOTO,
    "PhotoChange": _PHOTO_CHANGE,
    "PhotoExposure": {
        "links": [
            {
                "id": _ID,
                "owner_id": _OWNER,
                "name": "The wedding",
                "album_id": None,
                "has_password": True,
                "expires_at": "2026-07-01T00:00:00Z",
                "metadata": "hidden",
                "bytes": "original",
            }
        ],
        "members": [],
        "api_keys": [
            {
                "id": _ID,
                "name": "backup of the laptop",
                "scopes": ["photos:read"],
                "expires_at": None,
                "metadata": "full",
                "bytes": "original",
            }
        ],
    },
    "PhotoGroup": _PHOTO_GROUP,
    "PhotoGroupPage": _page(_PHOTO_GROUP),
    "PhotoIdsRequest": _IDS,
    "PhotoInfo": {"items": [_PHOTO], "missing": [], "total_bytes": 5_850_112},
    "PhotoPage": _page(_PHOTO),
    "ProblemType": {"type": "/problems/quota-exceeded", "title": "The quota is used up.", "status": 507},
    "PublicMark": _MARK,
    "PublicPhoto": _PUBLIC_PHOTO,
    "PublicPhotoPage": _page(_PUBLIC_PHOTO),
    "PublicShare": {
        "name": "The wedding",
        "owner_display_name": "Ada",
        "photo_count": 120,
        "has_password": True,
        "allow_download": True,
        "allow_upload": False,
        "hide_metadata": True,
        "allow_selection": True,
        "expires_at": "2026-07-01T00:00:00Z",
    },
    "PublicSelection": {**_CHOSEN, "items": [_MARK]},
    "PublicUpload": {**_UPLOAD, "photo": None, "photo_id": None},
    "Readiness": {
        "status": "ok",
        "services": {
            "database": {"status": "ok", "latency_ms": 0.8},
            "storage": {"status": "ok", "latency_ms": 0.3},
            "jobs": {"status": "ok", "latency_ms": 0.9},
        },
    },
    "RefreshRequest": {"refresh_token": "psr_AZD38nvUfD6dU2o9nwwaKwGQ9_J71Hw-nVNqPZ8MGis"},
    "RegisterRequest": {"email": "ada@example.org", "password": "correct horse battery staple", "display_name": "Ada"},
    "Revoked": {"revoked": 2},
    "Session": _SESSION,
    "SessionPage": _page(_SESSION),
    "ShareLink": _LINK,
    "ShareLinkPage": _page(_LINK),
    "ShareSelection": {**_CHOSEN, "items": [{**_MARK, "filename": "IMG_2041.jpg"}]},
    "ShareStatistics": {
        "items": [{"day": "2026-06-01", "views": 12, "visitors": 5, "downloads": 2, "uploads": 0}],
    },
    "ShareAlbumRequest": {"role": "contributor"},
    "SignInRequest": {"email": "ada@example.org", "password": "correct horse battery staple"},
    "SignedPart": {"url": f"https://photos.example.org/blobs/originals/2b/{_ID}?signature=..."},
    "StartPublicUploadRequest": {
        "filename": "IMG_2041.jpg",
        "content_type": "image/jpeg",
        "byte_size": 5_850_112,
        "guest_name": "Grace",
    },
    "StartUploadRequest": _START_UPLOAD,
    "StartUploadsRequest": {"uploads": [_START_UPLOAD]},
    "StartedUploads": {"results": [{"status": 201, "upload": _UPLOAD, "problem": None}]},
    "Storage": _STORAGE,
    "StorageTotals": {
        "users": 12,
        "photo_count": 48_120,
        "originals_bytes": 214_748_364_800,
        "trash_bytes": 1_073_741_824,
        "renditions_bytes": 9_663_676_416,
        "used_bytes": 215_822_106_624,
        "reserved_bytes": 0,
        "uploads_open": 2,
        "last_sweep": {"at": _NOW, "blobs": 0, "multiparts": 0, "refusal": None},
        "replicas": [
            {
                "name": "elsewhere",
                "kind": "s3",
                "state": "ok",
                "copied": 48_120,
                "lagging": 0,
                "oldest_lag_seconds": None,
                "last_error": None,
                "lost": 0,
                "deleting": 0,
                "complete_at": _NOW,
            }
        ],
    },
    "Submission": _SUBMISSION,
    "SubmissionPage": _page(_SUBMISSION),
    "SubmitSelectionRequest": {"guest_name": "Grace", "note": "The large ones as prints."},
    "TokenResponse": {
        "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTkwIn0.c2lnbmF0dXJl",
        "token_type": "bearer",
        "expires_in": 900,
        "refresh_token": "psr_AZD38nvUfD6dU2o9nwwaKwGQ9_J71Hw-nVNqPZ8MGis",
    },
    "UnlockShareRequest": {"password": "cake and candles"},
    "UnlockedShare": {
        "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6InNoYXJlLXVubG9jayJ9.eyJzdWIiOiIwMTkwIn0.c2lnbmF0dXJl",
        "expires_in": 43_200,
    },
    "Upload": _UPLOAD,
    "UploadChange": {**_TOLD, "event": "upload.rejected", "entity": "upload", "data": _LISTED_UPLOAD},
    "UploadPage": _page(_LISTED_UPLOAD),
    "User": {
        "id": _OWNER,
        "email": "ada@example.org",
        "display_name": "Ada",
        "is_admin": False,
        "created_at": _NOW,
    },
    "Version": {"version": "0.1.0", "build": "source"},
}

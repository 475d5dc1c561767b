"""How long texts, how large numbers and how many items may be: what OpenAPI tells beyond the types.

What the service checks is named by the constant that it is checked with. What nobody checks by itself is bounded by what a
column of the database holds; the head of a request has 65,536 bytes at most, and its JSON what whoever runs the service allows.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from photostore.album import details as album
from photostore.hashtag import name as hashtag
from photostore.photo import details as photo
from photostore.selection import selection
from photostore.share_link import passwords as share_passwords
from photostore.share_link import share_link
from photostore.shared.blobs import MAX_PARTS, MIN_PART_BYTES
from photostore.submission import guest
from photostore.upload import parts
from photostore.user import accounts, passwords
from photostore.user.scopes import Scope
from photostore.user.user import DISPLAY_NAME_LIMIT
from photostore.webhook.target import LONGEST_URL
from photostore.webhook.topics import EVENTS, KINDS
from photostore.webhook.webhook import DESCRIPTION_LIMIT

Node = dict[str, Any]

_LARGEST = (1 << 63) - 1
_LARGEST_INT32 = (1 << 31) - 1
# What a column of the database holds at most, in characters or in items.
_COLUMN = (1 << 30) - 1
_OF_A_PAGE = 200
_OF_A_BATCH = 1000

_DIGEST = {"maxLength": 64, "pattern": "^[0-9a-fA-F]{64}$"}
_SECRET = {"maxLength": 200}
_TAG = {"maxLength": hashtag.LONGEST}
# As it may be sent: with its #, and letters in the up to four characters that they can be made of.
_SENT_TAG = {"minLength": 1, "maxLength": 1 + 4 * hashtag.LONGEST}
_NAME = {"minLength": 1, "maxLength": share_link.NAME_LIMIT}
_DISPLAY_NAME = {"minLength": 1, "maxLength": DISPLAY_NAME_LIMIT}
_WEBHOOK_DESCRIPTION = {"minLength": 1, "maxLength": DESCRIPTION_LIMIT}
_SHARE_PASSWORD = {"minLength": share_passwords.SHORTEST, "maxLength": passwords.LONGEST}
_GUEST = {"maxLength": guest.NAME_LIMIT}
_ANY = {"maxLength": _COLUMN}
_ENDLESS = {"maxLength": _LARGEST}

_FORMATS: Mapping[str, Node] = {
    "uuid": {"maxLength": 36},
    "date": {"maxLength": 10},
    "date-time": {"maxLength": 64},
    "binary": {"maxLength": MAX_PARTS * parts.LARGEST_PART},
}
# By the name of the field; by that of its schema, too, where it is another there.
_TEXTS: Mapping[str, Node] = {
    "access_token": _ANY | {"pattern": "^[A-Za-z0-9._-]+$"},
    "album_id": {"maxLength": 36, "format": "uuid"},
    "comment": {"maxLength": selection.COMMENT_LIMIT},
    "content_type": {"maxLength": 255},
    "next_cursor": {"maxLength": 1000, "pattern": "^[A-Za-z0-9_-]+$"},
    "description": {"maxLength": photo.DESCRIPTION_LIMIT},
    "Album.description": {"maxLength": album.DESCRIPTION_LIMIT},
    "CreateAlbumRequest.description": {"maxLength": album.DESCRIPTION_LIMIT},
    "EditAlbumRequest.description": {"maxLength": album.DESCRIPTION_LIMIT},
    "Webhook.description": {"maxLength": DESCRIPTION_LIMIT},
    "CreatedWebhook.description": {"maxLength": DESCRIPTION_LIMIT},
    "CreateWebhookRequest.description": _WEBHOOK_DESCRIPTION,
    "EditWebhookRequest.description": _WEBHOOK_DESCRIPTION,
    "display_name": {"maxLength": DISPLAY_NAME_LIMIT},
    "RegisterRequest.display_name": _DISPLAY_NAME,
    "EditUserRequest.display_name": _DISPLAY_NAME,
    "owner_display_name": {"maxLength": DISPLAY_NAME_LIMIT},
    "email": {"maxLength": 254},
    # A provider's own word; only what somebody registers with is checked.
    "User.email": _ANY,
    "Account.email": _ANY,
    "filename": {"maxLength": photo.FILENAME_LIMIT},
    # Shortened by the service.
    "StartUploadRequest.filename": _ANY,
    "StartPublicUploadRequest.filename": _ANY,
    "guest_name": _GUEST,
    "PublicSelection.guest_name": {"maxLength": selection.NAME_LIMIT},
    "hashtags": _TAG,
    "EditPhotoRequest.hashtags": _SENT_TAG,
    "StartUploadRequest.hashtags": _SENT_TAG,
    # Parted by commas.
    "form.hashtags": _ANY,
    "hashtag": _SENT_TAG,
    "Hashtag.name": _TAG,
    "CreateHashtagRequest.name": _SENT_TAG,
    "key": _SECRET | {"pattern": "^psk_[A-Za-z0-9_-]+$"},
    "name": {"maxLength": share_link.NAME_LIMIT},
    "CreateAlbumRequest.name": _NAME,
    "EditAlbumRequest.name": _NAME,
    "CreateApiKeyRequest.name": _NAME,
    "CreateShareLinkRequest.name": _NAME,
    "EditShareLinkRequest.name": _NAME,
    "Queue.name": _ANY,
    "TroubledJob.name": _ANY,
    "AuditActor.name": _ANY,
    "note": {"maxLength": selection.NOTE_LIMIT},
    "password": {"maxLength": passwords.LONGEST},
    "RegisterRequest.password": {"minLength": passwords.SHORTEST, "maxLength": passwords.LONGEST},
    "CreateShareLinkRequest.password": _SHARE_PASSWORD,
    "EditShareLinkRequest.password": _SHARE_PASSWORD,
    "placeholder": {"maxLength": 100, "pattern": "^[A-Za-z0-9+/]+=*$"},
    "q": {"maxLength": album.QUERY_TEXT_LIMIT},
    "query.q": _ANY,
    "refresh_token": _SECRET,
    "request_id": {"maxLength": 128, "pattern": "^[A-Za-z0-9._:/+=-]{1,128}$"},
    "scopes": {"enum": [str(each) for each in Scope]},
    "events": {"enum": [*KINDS, *EVENTS]},
    "event": {"enum": [*EVENTS, "webhook.ping"]},
    "sha256": _DIGEST,
    "title": {"maxLength": photo.TITLE_LIMIT},
    "CreateWebhookRequest.url": {"maxLength": LONGEST_URL},
    "EditWebhookRequest.url": {"maxLength": LONGEST_URL},
    "type": {"maxLength": 200, "format": "uri-reference"},
    "secret": {"maxLength": 6 + 88},
}
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "status": (100, 599),
    "response_status": (100, 999),
    "StartedUpload.status": (200, 599),
    "distance": (0, 64),
    "number": (1, MAX_PARTS),
    "part_bytes": (MIN_PART_BYTES, parts.LARGEST_PART),
    "max_uploads": (1, share_link.MOST),
    "max_upload_bytes": (1, share_link.MOST),
    "max_views": (1, share_link.MOST),
    "EditAccountRequest.quota_bytes": (0, accounts.MOST),
    "StartUploadRequest.byte_size": (1, MAX_PARTS * parts.LARGEST_PART),
    "StartPublicUploadRequest.byte_size": (1, MAX_PARTS * parts.LARGEST_PART),
    "taken_at_offset_minutes": (-24 * 60, 24 * 60),
    "Rendition.width": (1, _LARGEST_INT32),
    "Rendition.height": (1, _LARGEST_INT32),
}
_LISTS: Mapping[str, int] = {
    "items": _OF_A_PAGE,
    "PhotoInfo.items": _OF_A_BATCH,
    "LookupResponse.items": _OF_A_BATCH,
    "PublicSelection.items": _COLUMN,
    "ShareSelection.items": _COLUMN,
    "ShareStatistics.items": _COLUMN,
    "missing": _OF_A_BATCH,
    "results": _OF_A_BATCH,
    "photo_ids": share_link.MOST_PHOTOS,
    "uploads": 100,
    "StartedUploads.results": 100,
    "hashtags": photo.HASHTAGS_LIMIT,
    "hashtag": album.QUERY_HASHTAGS_LIMIT,
    "query.hashtag": _COLUMN,
    "parts": MAX_PARTS,
    "scopes": len(Scope),
    "events": len(EVENTS) + len(KINDS),
}
_NEVER_EMPTY = frozenset(
    {
        "CreateApiKeyRequest.scopes",
        "CreateShareLinkRequest.photo_ids",
        "CreateWebhookRequest.events",
        "EditWebhookRequest.events",
        "StartUploadsRequest.uploads",
    }
)


def add_bounds(document: Node) -> None:
    """To every text, number and list that says nothing of it."""
    for owner, name, schema in _named(document):
        for each in _kinds(schema):
            _bound(each, owner, name)


def _named(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Schemas, each with the name of what it belongs to, and with its own there."""
    components = document["components"]
    for owner, schema in components["schemas"].items():
        yield from _fields(owner, schema)
    holders: list[Any] = [document["paths"], document["webhooks"], components["headers"], components["parameters"]]
    while holders:
        node = holders.pop()
        if isinstance(node, list):
            holders.extend(node)
        elif isinstance(node, dict):
            holders.extend(node.values())
            if "in" in node and isinstance(node.get("schema"), dict):
                yield "query" if node["in"] == "query" else "head", str(node["name"]), node["schema"]
                continue
            for schema in (node.get("schema"), node.get("x-itemSchema")):
                if isinstance(schema, dict):
                    yield "head" if "description" in node else "body", "", schema
                    yield from _fields("form", schema)


def _fields(owner: str, schema: Node) -> Iterator[tuple[str, str, Node]]:
    for name, field in schema.get("properties", {}).items():
        yield owner, name, field
        if "properties" in field:
            yield from _fields(owner, field)


def _kinds(schema: Node) -> Iterable[Node]:
    """The schema, what it may be instead, and what it holds."""
    yield schema
    for each in (*schema.get("oneOf", ()), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(each, dict):
            yield from _kinds(each)


def _bound(schema: Node, owner: str, name: str) -> None:
    kinds = schema.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if "string" in kinds and not {"enum", "const"} & set(schema):
        told = _FORMATS.get(schema.get("format", "")) or _TEXTS.get(f"{owner}.{name}") or _TEXTS.get(name) or _ANY
        # A stream or an archive goes on as long as there is something to tell.
        told = _ENDLESS if owner == "body" else told
        schema.update({key: value for key, value in told.items() if key not in schema})
    elif "integer" in kinds:
        least, most = _NUMBERS.get(f"{owner}.{name}") or _NUMBERS.get(owner) or _NUMBERS.get(name) or (0, _LARGEST)
        if "exclusiveMinimum" not in schema:
            schema.setdefault("minimum", least)
        if "exclusiveMaximum" not in schema:
            schema.setdefault("maximum", most)
        schema["format"] = "int32" if schema.get("maximum", _LARGEST) <= _LARGEST_INT32 else "int64"
    elif "array" in kinds:
        if f"{owner}.{name}" in _NEVER_EMPTY:
            schema.setdefault("minItems", 1)
        schema.setdefault("maxItems", _LISTS.get(f"{owner}.{name}") or _LISTS.get(name) or _COLUMN)

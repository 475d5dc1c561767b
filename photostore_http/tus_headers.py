"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload), read and written."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator, Mapping
from email.utils import format_datetime
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.handlers.base import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from photostore.shared.errors import PreconditionFailed, Unsupported
from photostore.upload.commands.receive_bytes import Receipt
from photostore.upload.errors import (
    UploadChecksumInvalid,
    UploadInterrupted,
    UploadLengthInvalid,
    UploadMetadataInvalid,
    UploadStalled,
)
from photostore_http.requests import BodyInterrupted, BodyStalled

AnyRequest = Request[Any, Any, Any]
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
ALGORITHM = "sha256"
PIECE_TYPE = "application/offset+octet-stream"
PHOTO_ID = "Photostore-Photo-Id"
# For pages of other origins.
EXPOSED = (
    "Tus-Resumable",
    "Tus-Version",
    "Tus-Max-Size",
    "Tus-Extension",
    "Tus-Checksum-Algorithm",
    "Upload-Offset",
    "Upload-Length",
    "Upload-Defer-Length",
    "Upload-Metadata",
    "Upload-Expires",
    PHOTO_ID,
)
# What makes a creation the same as another, beside its path.
OF_CREATION = ("upload-length", "upload-defer-length", "upload-metadata")
# No size has more digits.
_DIGITS = 18


# One upload: what comes after it is the upload's id.
_ONE = "/api/v1/uploads/tus/"
_OVERRIDING = ("PATCH", "DELETE", "HEAD")


class TusVersionUnsupported(PreconditionFailed):
    title = "Tus-Resumable must name the version that is spoken here."


class PieceTypeUnsupported(Unsupported):
    title = "The bytes of an upload are sent as application/offset+octet-stream."


def method_meant(scope: Any) -> str:
    """The method, or with a POST the one that `X-HTTP-Method-Override` tells, where networks let no other through."""
    method = str(scope["method"])
    if method != "POST" or not scope["path"].startswith(_ONE):
        return method
    told = next((value for name, value in scope["headers"] if name == b"x-http-method-override"), b"")
    meant = str(told, "latin-1").upper()
    return meant if meant in _OVERRIDING else method


async def speaks_tus(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard."""
    if connection.headers.get("tus-resumable") != VERSION:
        raise TusVersionUnsupported(f"Send Tus-Resumable: {VERSION}.")


class TusAnswers:
    """Around every route: each answer names the version, and none is kept by a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                headers["Tus-Resumable"] = VERSION
                headers["Cache-Control"] = "no-store"
                if message["status"] == 412:
                    headers["Tus-Version"] = VERSION
            await send(message)

        await self._app(scope, receive, told)


def length_told(request: AnyRequest) -> int | None:
    """`Upload-Length`; `None` where it is to be told later. Raise `UploadLengthInvalid`."""
    length, later = request.headers.get("upload-length"), request.headers.get("upload-defer-length")
    if (length is None) == (later is None):
        raise UploadLengthInvalid("Tell either Upload-Length or Upload-Defer-Length: 1.")
    if later not in (None, "1"):
        raise UploadLengthInvalid("Upload-Defer-Length is 1, or not there.")
    return number_of(request, "upload-length")


def number_of(request: AnyRequest, header: str) -> int | None:
    """Raise `UploadLengthInvalid` when it is no number of bytes."""
    text = request.headers.get(header)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise UploadLengthInvalid(f"{header} is a number of bytes.")
    return int(text)


def metadata_of(request: AnyRequest) -> dict[str, bytes]:
    """`Upload-Metadata`: pairs of a key and a value in Base64, parted by commas. Raise `UploadMetadataInvalid`."""
    pairs: dict[str, bytes] = {}
    header = request.headers.get("upload-metadata", "")
    for each in header.split(",") if header.strip() else ():
        key, _, value = each.strip().partition(" ")
        if not key or not key.isascii() or key in pairs:
            raise UploadMetadataInvalid("Upload-Metadata has a key that is empty, not ASCII, or there twice.")
        try:
            pairs[key] = b64decode(value.strip(), validate=True)
        except (NotBase64, ValueError):
            raise UploadMetadataInvalid(f"Upload-Metadata: the value of {key[:80]!r} is not Base64.") from None
    return pairs


def digest_told(request: AnyRequest) -> bytes | None:
    """`Upload-Checksum: sha256 BASE64`. Raise `UploadChecksumInvalid`."""
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    if algorithm.lower() != ALGORITHM:
        raise UploadChecksumInvalid(f"The one algorithm that is known is {ALGORITHM}.")
    try:
        digest = b64decode(value.strip(), validate=True)
    except (NotBase64, ValueError):
        digest = b""
    if len(digest) != 32:
        raise UploadChecksumInvalid("The checksum is the Base64 of 32 bytes.")
    return digest


def demand_piece(request: AnyRequest) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != PIECE_TYPE:
        raise PieceTypeUnsupported(f"Send them as Content-Type: {PIECE_TYPE}.")


def has_body(request: AnyRequest) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def pieces(request: AnyRequest) -> AsyncIterator[bytes]:
    """The body as it arrives. Raise `UploadInterrupted` or `UploadStalled`."""
    try:
        async for piece in request.stream():
            yield piece
    except BodyStalled as error:
        raise UploadStalled(error.detail) from None
    except BodyInterrupted:
        raise UploadInterrupted("The client went away before the end of the bytes.") from None


def progress(receipt: Receipt) -> dict[str, str]:
    """How far an upload is, until when it can be gone on with, and its photo once there is one."""
    told = {
        "Upload-Offset": str(receipt.received_bytes),
        "Upload-Expires": format_datetime(receipt.upload.expires_at, usegmt=True),
    }
    if receipt.uploaded is not None:
        told[PHOTO_ID] = str(receipt.uploaded.photo_id)
    return told


def description(receipt: Receipt) -> Mapping[str, str]:
    """What is told of it besides: its length, and its metadata as they were sent."""
    upload = receipt.upload
    length = {"Upload-Defer-Length": "1"} if upload.byte_size is None else {"Upload-Length": str(upload.byte_size)}
    metadata = upload.reception.metadata if upload.reception else None
    return length | ({"Upload-Metadata": metadata} if metadata else {})

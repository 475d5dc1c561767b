"""URLs of this server's own `/blobs/` route, signed as presigned S3 is: whatever may be said is bound by the signature."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256 as sha256_of
from urllib.parse import quote, urlencode

from photostore.shared.blobs import BlobKey, BlobKeyInvalid, BlobSigner, MultipartId, SignedRequest, blob_key
from photostore.shared.clock import Clock
from photostore.shared.signed_blobs import (
    BlobGrant,
    BlobTooLong,
    GrantKind,
    SignatureExpired,
    SignatureInvalid,
    SignedBlobs,
    SignedHeaderMismatch,
)
from photostore_adapters.filesystem.settings import FilesystemSettings

_SIGNATURE = "signature"
_CHECKSUM = "x-amz-checksum-sha256"  # called as S3 calls it, so that a client need not know which store answers


class FilesystemBlobSigner(BlobSigner):
    def __init__(self, settings: FilesystemSettings, clock: Clock) -> None:
        self._base_url = settings.base_url.rstrip("/")
        self._signing_key = settings.signing_key
        self._clock = clock

    def sign_get(self, key: BlobKey, *, expires_in: int, content_type: str, content_disposition: str) -> SignedRequest:
        bound = {"content_disposition": content_disposition, "content_type": content_type}
        return self._sign("GET", key, expires_in, bound, {})

    def sign_put(
        self, key: BlobKey, *, expires_in: int, byte_size: int, content_type: str, sha256: bytes | None = None
    ) -> SignedRequest:
        bound = {"byte_size": str(byte_size), "content_type": content_type}
        headers = {"content-length": str(byte_size), "content-type": content_type}
        return self._sign("PUT", key, expires_in, *_with_checksum(bound, headers, sha256))

    def sign_put_part(
        self,
        key: BlobKey,
        multipart_id: MultipartId,
        *,
        number: int,
        expires_in: int,
        byte_size: int,
        sha256: bytes | None = None,
    ) -> SignedRequest:
        bound = {"byte_size": str(byte_size), "multipart_id": multipart_id, "part_number": str(number)}
        return self._sign("PUT", key, expires_in, *_with_checksum(bound, {"content-length": str(byte_size)}, sha256))

    def _sign(
        self, method: str, key: BlobKey, expires_in: int, bound: Mapping[str, str], headers: Mapping[str, str]
    ) -> SignedRequest:
        blob_key(key)
        expires = int(self._clock.now().timestamp()) + expires_in
        query = _canonical_query({**bound, "expires": str(expires)})
        signature = _signature(self._signing_key, method, key, query)
        url = f"{self._base_url}/blobs/{quote(key)}?{query}&{_SIGNATURE}={signature}"
        return SignedRequest(method=method, url=url, headers=headers)


class FilesystemSignedBlobs(SignedBlobs):
    def __init__(self, settings: FilesystemSettings, clock: Clock) -> None:
        self._signing_key = settings.signing_key
        self._clock = clock

    def verify(
        self, *, method: str, key: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> BlobGrant:
        bound = dict(query)
        signature = bound.pop(_SIGNATURE, "")
        signed_method = "GET" if method == "HEAD" else method
        expected = _signature(self._signing_key, signed_method, key, _canonical_query(bound))
        if len(bound) + 1 != len(query) or not hmac.compare_digest(expected.encode(), signature.encode()):
            raise SignatureInvalid("the signature does not belong to this request")
        if self._clock.now() >= datetime.fromtimestamp(int(bound["expires"]), UTC):
            raise SignatureExpired("the signed URL has expired")
        grant = _grant(signed_method, key, bound)
        if grant.kind is not GrantKind.GET:
            _check_headers(grant, headers)
        return grant


def _with_checksum(
    bound: dict[str, str], headers: dict[str, str], sha256: bytes | None
) -> tuple[dict[str, str], dict[str, str]]:
    if sha256 is None:
        return bound, headers
    encoded = b64encode(sha256).decode()
    return {**bound, "sha256": encoded}, {**headers, _CHECKSUM: encoded}


def _canonical_query(bound: Mapping[str, str]) -> str:
    """One spelling only of the same values, in which none can pass for two."""
    return urlencode(sorted(bound.items()), quote_via=quote, safe="")


def _signature(signing_key: bytes, method: str, key: str, query: str) -> str:
    return hmac.new(signing_key, f"{method}\n{quote(key)}\n{query}".encode(), sha256_of).hexdigest()


def _grant(method: str, key: str, bound: Mapping[str, str]) -> BlobGrant:
    """What the signed values say. They are ours: the signature was checked."""
    try:
        checked = blob_key(key)
    except BlobKeyInvalid:
        raise SignatureInvalid("the signature does not belong to this request") from None
    if method == "GET":
        return BlobGrant(
            kind=GrantKind.GET,
            key=checked,
            content_type=bound["content_type"],
            content_disposition=bound["content_disposition"],
        )
    part = "part_number" in bound
    return BlobGrant(
        kind=GrantKind.PUT_PART if part else GrantKind.PUT,
        key=checked,
        content_type=bound.get("content_type"),
        byte_size=int(bound["byte_size"]),
        sha256=b64decode(bound["sha256"]) if "sha256" in bound else None,
        multipart_id=MultipartId(bound["multipart_id"]) if part else None,
        part_number=int(bound["part_number"]) if part else None,
    )


def _check_headers(grant: BlobGrant, headers: Mapping[str, str]) -> None:
    length = headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        raise SignedHeaderMismatch("Content-Length must be told")
    if grant.byte_size is not None and int(length) > grant.byte_size:
        raise BlobTooLong(f"the body has {length} bytes, and {grant.byte_size} were signed")
    if int(length) != grant.byte_size:
        raise SignedHeaderMismatch(f"Content-Length is {length}, and {grant.byte_size} was signed")
    if grant.content_type is not None and headers.get("content-type") != grant.content_type:
        raise SignedHeaderMismatch(f"Content-Type must be {grant.content_type}")
    if grant.sha256 is not None and headers.get(_CHECKSUM) != b64encode(grant.sha256).decode():
        raise SignedHeaderMismatch(f"{_CHECKSUM} must be the signed one")

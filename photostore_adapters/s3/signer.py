"""Presigned requests for clients: they name the host that clients reach, not the one that this process does."""

from base64 import b64encode
from collections.abc import Mapping, Sequence

from photostore.shared.blobs import BlobKey, BlobSigner, MultipartId, SignedRequest, blob_key
from photostore.shared.clock import Clock
from photostore.shared.signed_blobs import BlobGrant, SignatureInvalid, SignedBlobs
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.s3.sigv4 import Presigner

_CHECKSUM = "x-amz-checksum-sha256"


class S3BlobSigner(BlobSigner):
    def __init__(self, settings: S3Settings, clock: Clock) -> None:
        self._presigner = Presigner(settings, settings.public_endpoint)
        self._conditional_writes = settings.conditional_writes
        self._clock = clock

    def sign_get(self, key: BlobKey, *, expires_in: int, content_type: str, content_disposition: str) -> SignedRequest:
        query = {"response-content-disposition": content_disposition, "response-content-type": content_type}
        return self._sign("GET", key, expires_in, query, {})

    def sign_put(
        self, key: BlobKey, *, expires_in: int, byte_size: int, content_type: str, sha256: bytes | None = None
    ) -> SignedRequest:
        headers = {"content-length": str(byte_size), "content-type": content_type, **_checksum(sha256)}
        if self._conditional_writes:
            headers["if-none-match"] = "*"  # or the URL could replace the blob after it was looked at
        return self._sign("PUT", key, expires_in, {}, headers)

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
        query = {"partNumber": str(number), "uploadId": multipart_id}
        headers = {"content-length": str(byte_size), **_checksum(sha256)}
        return self._sign("PUT", key, expires_in, query, headers)

    def _sign(
        self, method: str, key: BlobKey, expires_in: int, query: dict[str, str], headers: dict[str, str]
    ) -> SignedRequest:
        now = self._clock.now()
        url = self._presigner.presign(
            method, blob_key(key), now=now, expires_in=expires_in, query=query, headers=headers
        )
        return SignedRequest(method=method, url=url, headers=headers)


class NoSignedBlobs(SignedBlobs):
    """Signed requests go to the store itself, so none of them is good here."""

    def verify(
        self, *, method: str, key: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> BlobGrant:
        raise SignatureInvalid("signed URLs lead to the blob store, not here")


def _checksum(sha256: bytes | None) -> dict[str, str]:
    return {} if sha256 is None else {_CHECKSUM: b64encode(sha256).decode()}

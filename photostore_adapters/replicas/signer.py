"""Signed URLs where there are replicas: to the primary while it answers, else to this server, which reads the replicas."""

from collections.abc import Mapping, Sequence

from photostore.photo.renditions import ORIGINALS
from photostore.shared.blobs import BlobKey, BlobSigner, MultipartId, SignedRequest
from photostore.shared.signed_blobs import BlobGrant, SignatureInvalid, SignedBlobs
from photostore_adapters.replicas.watch import StoreWatch


class ReplicatedSigner(BlobSigner):
    """`own` signs for this server's `/blobs/`. What is written goes to the primary always."""

    def __init__(self, primary: BlobSigner, own: BlobSigner, watch: StoreWatch) -> None:
        self._primary = primary
        self._own = own
        self._watch = watch

    def sign_get(self, key: BlobKey, *, expires_in: int, content_type: str, content_disposition: str) -> SignedRequest:
        self._watch.look()
        signer = self._own if self._watch.away and key.startswith(ORIGINALS) else self._primary
        return signer.sign_get(
            key, expires_in=expires_in, content_type=content_type, content_disposition=content_disposition
        )

    def sign_put(
        self, key: BlobKey, *, expires_in: int, byte_size: int, content_type: str, sha256: bytes | None = None
    ) -> SignedRequest:
        return self._primary.sign_put(
            key, expires_in=expires_in, byte_size=byte_size, content_type=content_type, sha256=sha256
        )

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
        return self._primary.sign_put_part(
            key, multipart_id, number=number, expires_in=expires_in, byte_size=byte_size, sha256=sha256
        )


class OwnReads(SignedBlobs):
    """Of a store that is itself a server: here nothing but reading was ever signed."""

    def __init__(self, own: SignedBlobs) -> None:
        self._own = own

    def verify(
        self, *, method: str, key: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> BlobGrant:
        if method not in ("GET", "HEAD"):
            raise SignatureInvalid("what is written goes to the blob store, not here")
        return self._own.verify(method=method, key=key, query=query, headers=headers)

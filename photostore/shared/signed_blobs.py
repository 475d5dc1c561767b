"""Requests that a `BlobSigner` signed, seen from the other side: by whoever serves them instead of the store itself."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from photostore.shared.blobs import BlobKey, MultipartId
from photostore.shared.errors import Forbidden, Malformed, TooLarge


class SignatureInvalid(Forbidden):
    title = "The URL is not one that was signed here."


class SignatureExpired(Forbidden):
    title = "The signed URL has expired."


class SignedHeaderMismatch(Forbidden):
    title = "A header is not as it was signed."


class BlobTooLong(TooLarge):
    title = "The body is longer than was signed."


class BlobDigestMismatch(Malformed):
    title = "The body is not the one that was signed."


class GrantKind(StrEnum):
    GET = "get"
    PUT = "put"
    PUT_PART = "put_part"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobGrant:
    """What one signed request allows. Reading has a content type and a disposition, writing a size and maybe a digest."""

    kind: GrantKind
    key: BlobKey
    content_type: str | None = None
    content_disposition: str | None = None
    byte_size: int | None = None
    sha256: bytes | None = None
    multipart_id: MultipartId | None = None
    part_number: int | None = None


class SignedBlobs(Protocol):
    """Tells a signed request from any other."""

    @abstractmethod
    def verify(
        self, *, method: str, key: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> BlobGrant:
        """What the request may do: `query` decoded and in any order, `headers` by lower-case name.

        A signature for GET allows HEAD too. Raise `SignatureInvalid`, `SignatureExpired`, and for a PUT
        `SignedHeaderMismatch` or `BlobTooLong` when a header is not exactly the signed one.
        """

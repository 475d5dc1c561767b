"""Digests in headers (RFC 9530): SHA-256 is checked and told, other algorithms are passed over."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator
from hashlib import sha256
from typing import Any

from litestar import Request

from photostore.shared.errors import Invalid, Malformed

CONTENT_DIGEST, REPR_DIGEST = "Content-Digest", "Repr-Digest"
# A dictionary of byte sequences (RFC 9651); parameters may follow each, and mean nothing here.
_KEY = r"[a-z*][a-z0-9_.*-]*"
_BARE_ITEM = r'(?::[A-Za-z0-9+/=]*:|"(?:[ !#-\[\]-~]|\\["\\])*"|[A-Za-z0-9*?.-][!-+\--:<-~]*)'
_PARAMETERS = rf"(?:; *{_KEY}(?:={_BARE_ITEM})?)*"
_MEMBER = re.compile(rf"({_KEY})=:([A-Za-z0-9+/=]*):{_PARAMETERS}", re.ASCII)
_BETWEEN = re.compile(r"[ \t]*,[ \t]*")


class DigestMalformed(Malformed):
    title = "A digest in the header is none."


class DigestMismatch(Invalid):
    title = "The bytes are not those of the digest in the header."


def repr_digest(sha256: bytes) -> dict[str, str]:
    """The header that tells the digest of the whole, whatever range of it is sent."""
    return {REPR_DIGEST: f"sha-256=:{b64encode(sha256).decode()}:"}


def told_sha256(request: Request[Any, Any, Any], header: str) -> bytes | None:
    """The SHA-256 that `Content-Digest` or `Repr-Digest` tells, if it does. Raise `DigestMalformed`."""
    # Several lines of one header are one list.
    values = request.headers.getall(header.lower(), [])
    return parsed_sha256(header, ", ".join(values)) if values else None


def parsed_sha256(header: str, value: str) -> bytes | None:
    """As `told_sha256`, of the header's value."""
    value, position, found = value.strip(" "), 0, None
    while position < len(value):
        member = _MEMBER.match(value, position)
        if member is None:
            raise _malformed(header)
        if member[1] == "sha-256":
            found = _decoded(header, member[2])
        between = _BETWEEN.match(value, member.end())
        position = between.end() if between else member.end()
        if (between is None) != (position == len(value)):
            raise _malformed(header)
    return found


def checked(pieces: AsyncGenerator[bytes, None], header: str, expected: bytes | None) -> AsyncGenerator[bytes, None]:
    """The same bytes; raise `DigestMismatch` at their end when they are not those of the digest, where one is told."""
    return pieces if expected is None else _checked(pieces, header, expected)


async def _checked(pieces: AsyncGenerator[bytes, None], header: str, expected: bytes) -> AsyncGenerator[bytes, None]:
    digest = sha256()
    async for piece in pieces:
        digest.update(piece)
        yield piece
    if digest.digest() != expected:
        raise DigestMismatch(
            f"{header} names others than came: theirs is sha-256=:{b64encode(digest.digest()).decode()}:."
        )


def _decoded(header: str, text: str) -> bytes:
    try:
        digest = b64decode(text, validate=True)
    except binascii.Error:
        raise _malformed(header) from None
    if len(digest) != sha256().digest_size:
        raise _malformed(header)
    return digest


def _malformed(header: str) -> DigestMalformed:
    return DigestMalformed(f"{header} must look like sha-256=:rLHv8Uo9...=:, with all of the digest in base64.")

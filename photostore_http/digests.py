"""Digests in headers (RFC 9530)."""

from base64 import b64encode


def repr_digest(sha256: bytes) -> dict[str, str]:
    """The header that tells the digest of the whole, whatever range of it is sent."""
    return {"Repr-Digest": f"sha-256=:{b64encode(sha256).decode()}:"}

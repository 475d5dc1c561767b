"""`/blobs/...`: what signed requests lead to where the blob store is not itself a server."""

from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator
from hashlib import sha256
from typing import Any

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, get, put
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from photostore.shared.blobs import BlobKey, BlobLengthMismatch, BlobStore, MultipartBlobStore
from photostore.shared.signed_blobs import BlobDigestMismatch, BlobGrant, SignedBlobs
from photostore_http.byte_responses import serve_blob
from photostore_http.digests import REPR_DIGEST, checked, told_sha256

AnyRequest = Request[Any, Any, Any]


class BlobController(Controller):
    path = "/blobs"
    include_in_schema = False

    @get("/{key:path}", opt={"any_query": True})
    @inject
    async def read(
        self, request: AnyRequest, key: FromPath[str], signed: FromDishka[SignedBlobs], blobs: FromDishka[BlobStore]
    ) -> ASGIResponse:
        grant = _verify(signed, request, key)
        info = await blobs.head(grant.key)
        return serve_blob(
            request,
            blobs,
            grant.key,
            content_type=grant.content_type or "application/octet-stream",
            etag=_etag(grant.key),
            byte_size=info.byte_size,
            disposition=grant.content_disposition or "attachment",
            cache_control="private, max-age=60",
            last_modified=info.modified_at,
        )

    @put("/{key:path}", status_code=200, request_max_body_size=None, opt={"any_query": True, "body": "stream"})
    @inject
    async def write(
        self,
        request: AnyRequest,
        key: FromPath[str],
        signed: FromDishka[SignedBlobs],
        blobs: FromDishka[BlobStore],
        multiparts: FromDishka[MultipartBlobStore],
    ) -> ASGIResponse:
        if "content-length" not in request.headers:
            raise HTTPException(status_code=411, detail="Content-Length must be told")
        grant = _verify(signed, request, key)
        etag = await _keep(grant, request, blobs, multiparts)
        return ASGIResponse(status_code=200, headers={"ETag": f'"{etag}"'}, media_type="text/plain")


def _verify(signed: SignedBlobs, request: AnyRequest, key: str) -> BlobGrant:
    return signed.verify(
        method=request.method,
        key=key.removeprefix("/"),
        query=tuple(request.query_params.multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
    )


async def _keep(grant: BlobGrant, request: AnyRequest, blobs: BlobStore, multiparts: MultipartBlobStore) -> str:
    """Store the body, visible only once it was found to be the signed one; the tag of what is stored."""
    assert grant.byte_size is not None, "a grant to write tells how much"
    body = _checked(request.stream(), grant)
    if grant.multipart_id is None or grant.part_number is None:
        # Of a part it would tell the digest of the whole.
        body = checked(body, REPR_DIGEST, told_sha256(request, REPR_DIGEST))
        await blobs.put(grant.key, body, at_most=grant.byte_size)
        return _etag(grant.key)
    part = await multiparts.put_part(
        grant.key, grant.multipart_id, number=grant.part_number, chunks=body, length=grant.byte_size
    )
    return part.etag


async def _checked(body: AsyncIterator[bytes], grant: BlobGrant) -> AsyncGenerator[bytes, None]:
    """The body, failing at its end when it is not the signed one: then the store keeps nothing of it."""
    digest = sha256()
    received = 0
    async for chunk in body:
        received += len(chunk)
        if grant.sha256 is not None:
            digest.update(chunk)
        yield chunk
    if received != grant.byte_size:
        raise BlobLengthMismatch(f"{received} bytes came instead of {grant.byte_size}")
    if grant.sha256 is not None and digest.digest() != grant.sha256:
        raise BlobDigestMismatch(f"the SHA-256 of the body is {b64encode(digest.digest()).decode()}")


def _etag(key: BlobKey) -> str:
    """A key names the same bytes for ever, so its own digest is as good a tag as theirs."""
    return sha256(key.encode()).hexdigest()[:32]

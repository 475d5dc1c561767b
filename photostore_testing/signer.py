"""What every signed request promises, sent over HTTP to whatever answers it."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Protocol

import pytest

from photostore.shared.blobs import (
    BlobKey,
    BlobKeyInvalid,
    BlobSigner,
    BlobStore,
    MultipartBlobStore,
    SignedRequest,
)
from photostore_testing.saying import NO_KEYS, a_key, chunked, content_of, is_there, some_bytes

ExpiredGet = Callable[[BlobKey], SignedRequest]


class Answer(Protocol):
    """What came back, with its headers by lower-case name. Answers of httpx are such."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def content(self) -> bytes: ...


class Send(Protocol):
    """Sends the request exactly as it was signed, with `content` as its body, and follows no redirect."""

    async def __call__(self, request: SignedRequest, content: bytes = b"") -> Answer: ...


def changed(request: SignedRequest, headers: Mapping[str, str]) -> SignedRequest:
    return SignedRequest(method=request.method, url=request.url, headers={**request.headers, **headers})


def signed_get(signer: BlobSigner, key: BlobKey) -> SignedRequest:
    return signer.sign_get(key, expires_in=60, content_type="image/png", content_disposition="inline")


CONTENT = b"not really a picture"


def signed_put(signer: BlobSigner, key: BlobKey, digest: bytes | None = None) -> SignedRequest:
    return signer.sign_put(key, expires_in=60, byte_size=len(CONTENT), content_type="image/jpeg", sha256=digest)


@pytest.mark.asyncio
class BlobSignerPromises:
    """Wants the fixtures `blobs`, `multiparts` and `signer`, over the same store; `send`, which sends what was signed; and
    `expired_get`, which signs a GET of a key that has expired already."""

    async def test_whoever_holds_a_signed_get_reads_the_blob_as_it_was_signed(
        self, blobs: BlobStore, signer: BlobSigner, send: Send
    ) -> None:
        key, disposition = a_key(), "attachment; filename=\"a b.jpg\"; filename*=UTF-8''%C3%A4%20b.jpg"
        await blobs.put(key, chunked(CONTENT), at_most=len(CONTENT))

        request = signer.sign_get(key, expires_in=60, content_type="image/jpeg", content_disposition=disposition)
        answer = await send(request)

        assert (answer.status_code, answer.content) == (200, CONTENT)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"] == disposition

    async def test_a_signed_get_honours_a_range(self, blobs: BlobStore, signer: BlobSigner, send: Send) -> None:
        key = a_key()
        await blobs.put(key, chunked(CONTENT), at_most=len(CONTENT))

        answer = await send(changed(signed_get(signer, key), {"range": "bytes=4-9"}))

        assert (answer.status_code, answer.content) == (206, CONTENT[4:10])
        assert answer.headers["content-range"] == f"bytes 4-9/{len(CONTENT)}"

    async def test_a_signed_get_of_nothing_is_404(self, signer: BlobSigner, send: Send) -> None:
        assert (await send(signed_get(signer, a_key()))).status_code == 404

    async def test_an_expired_request_is_refused(self, blobs: BlobStore, send: Send, expired_get: ExpiredGet) -> None:
        key = a_key()
        await blobs.put(key, chunked(CONTENT), at_most=len(CONTENT))

        assert (await send(expired_get(key))).status_code == 403

    async def test_a_signature_is_good_for_its_own_key_and_method_only(
        self, blobs: BlobStore, signer: BlobSigner, send: Send
    ) -> None:
        key, other = a_key(), a_key()
        await blobs.put(other, chunked(CONTENT), at_most=len(CONTENT))
        request = signed_get(signer, key)

        elsewhere = SignedRequest(method="GET", url=request.url.replace(key, other), headers={})
        writing = SignedRequest(method="PUT", url=request.url, headers={"content-length": str(len(CONTENT))})

        assert (await send(elsewhere)).status_code == 403
        assert (await send(writing, CONTENT)).status_code == 403
        assert not await is_there(blobs, key)

    @pytest.mark.parametrize("digest", [None, sha256(CONTENT).digest()])
    async def test_whoever_holds_a_signed_put_writes_the_blob(
        self, blobs: BlobStore, signer: BlobSigner, send: Send, digest: bytes | None
    ) -> None:
        key = a_key()

        answer = await send(signed_put(signer, key, digest), CONTENT)

        assert answer.status_code == 200
        assert answer.headers["etag"].strip('"')
        assert await content_of(blobs, key) == CONTENT

    async def test_a_signed_put_refuses_other_bytes_than_were_signed(
        self, blobs: BlobStore, signer: BlobSigner, send: Send
    ) -> None:
        key = a_key()

        answer = await send(signed_put(signer, key, sha256(CONTENT).digest()), CONTENT[::-1])

        assert answer.status_code == 400
        assert not await is_there(blobs, key)

    @pytest.mark.parametrize(
        ("content", "headers"),
        [
            (CONTENT, {"content-type": "text/html"}),
            (CONTENT + b"!", {"content-length": str(len(CONTENT) + 1)}),
            (CONTENT[1:], {"content-length": str(len(CONTENT) - 1)}),
        ],
    )
    async def test_a_signed_put_refuses_another_length_or_type(
        self, blobs: BlobStore, signer: BlobSigner, send: Send, content: bytes, headers: dict[str, str]
    ) -> None:
        key = a_key()

        answer = await send(changed(signed_put(signer, key), headers), content)

        assert answer.status_code in (403, 413)
        assert not await is_there(blobs, key)

    async def test_a_signed_put_replaces_nothing(self, blobs: BlobStore, signer: BlobSigner, send: Send) -> None:
        key = a_key()
        request = signed_put(signer, key)
        await send(request, CONTENT)

        answer = await send(request, CONTENT[::-1])

        assert answer.status_code in (409, 412)
        assert await content_of(blobs, key) == CONTENT

    async def test_parts_go_in_by_signed_puts(
        self, blobs: BlobStore, multiparts: MultipartBlobStore, signer: BlobSigner, send: Send
    ) -> None:
        key, content = a_key(), some_bytes(100_000)
        multipart_id = await multiparts.start(key)
        request = signer.sign_put_part(
            key, multipart_id, number=3, expires_in=60, byte_size=len(content), sha256=sha256(content).digest()
        )

        refused = await send(request, content[::-1])
        answer = await send(request, content)
        parts = await multiparts.parts(key, multipart_id)
        await multiparts.complete(key, multipart_id, parts)

        assert (refused.status_code, answer.status_code) == (400, 200)
        assert [(part.number, part.byte_size) for part in parts] == [(3, len(content))]
        assert answer.headers["etag"].strip('"') == parts[0].etag
        assert await content_of(blobs, key) == content

    async def test_nothing_is_signed_for_what_is_no_key(self, signer: BlobSigner) -> None:
        for key in NO_KEYS:
            with pytest.raises(BlobKeyInvalid):
                signed_get(signer, BlobKey(key))
            with pytest.raises(BlobKeyInvalid):
                signed_put(signer, BlobKey(key))

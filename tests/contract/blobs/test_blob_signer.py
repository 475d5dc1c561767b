"""What every signed request promises, sent over HTTP to whatever answers it."""

from hashlib import sha256

import pytest

from photostore.shared.blobs import BlobKey, SignedRequest
from tests.contract.blobs.stores import Stores, a_key, chunked, content_of, is_there, signed_get, some_bytes

CONTENT = b"not really a picture"


def signed_put(stores: Stores, key: BlobKey, digest: bytes | None = None) -> SignedRequest:
    return stores.signer.sign_put(key, expires_in=60, byte_size=len(CONTENT), content_type="image/jpeg", sha256=digest)


async def test_whoever_holds_a_signed_get_reads_the_blob_as_it_was_signed(stores: Stores) -> None:
    key, disposition = a_key(), "attachment; filename=\"a b.jpg\"; filename*=UTF-8''%C3%A4%20b.jpg"
    await stores.blobs.put(key, chunked(CONTENT), at_most=len(CONTENT))

    request = stores.signer.sign_get(key, expires_in=60, content_type="image/jpeg", content_disposition=disposition)
    answer = await stores.send(request)

    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"] == disposition


async def test_a_signed_get_honours_a_range(stores: Stores) -> None:
    key = a_key()
    await stores.blobs.put(key, chunked(CONTENT), at_most=len(CONTENT))

    answer = await stores.send(signed_get(stores.signer, key), range="bytes=4-9")

    assert (answer.status_code, answer.content) == (206, CONTENT[4:10])
    assert answer.headers["content-range"] == f"bytes 4-9/{len(CONTENT)}"


async def test_a_signed_get_of_nothing_is_404(stores: Stores) -> None:
    assert (await stores.send(signed_get(stores.signer, a_key()))).status_code == 404


async def test_an_expired_request_is_refused(stores: Stores) -> None:
    key = a_key()
    await stores.blobs.put(key, chunked(CONTENT), at_most=len(CONTENT))

    assert (await stores.send(stores.expired_get(key))).status_code == 403


async def test_a_signature_is_good_for_its_own_key_and_method_only(stores: Stores) -> None:
    key, other = a_key(), a_key()
    await stores.blobs.put(other, chunked(CONTENT), at_most=len(CONTENT))
    request = signed_get(stores.signer, key)

    elsewhere = SignedRequest(method="GET", url=request.url.replace(key, other), headers={})
    writing = SignedRequest(method="PUT", url=request.url, headers={"content-length": str(len(CONTENT))})

    assert (await stores.send(elsewhere)).status_code == 403
    assert (await stores.send(writing, CONTENT)).status_code == 403
    assert not await is_there(stores.blobs, key)


@pytest.mark.parametrize("digest", [None, sha256(CONTENT).digest()])
async def test_whoever_holds_a_signed_put_writes_the_blob(stores: Stores, digest: bytes | None) -> None:
    key = a_key()

    answer = await stores.send(signed_put(stores, key, digest), CONTENT)

    assert answer.status_code == 200
    assert answer.headers["etag"].strip('"')
    assert await content_of(stores.blobs, key) == CONTENT


async def test_a_signed_put_refuses_other_bytes_than_were_signed(stores: Stores) -> None:
    key = a_key()

    answer = await stores.send(signed_put(stores, key, sha256(CONTENT).digest()), CONTENT[::-1])

    assert answer.status_code == 400
    assert not await is_there(stores.blobs, key)


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        (CONTENT, {"content_type": "text/html"}),
        (CONTENT + b"!", {"content_length": str(len(CONTENT) + 1)}),
        (CONTENT[1:], {"content_length": str(len(CONTENT) - 1)}),
    ],
)
async def test_a_signed_put_refuses_another_length_or_type(
    stores: Stores, content: bytes, changed: dict[str, str]
) -> None:
    key = a_key()

    answer = await stores.send(signed_put(stores, key), content, **changed)

    assert answer.status_code in (403, 413)
    assert not await is_there(stores.blobs, key)


async def test_a_signed_put_replaces_nothing(stores: Stores) -> None:
    key = a_key()
    request = signed_put(stores, key)
    await stores.send(request, CONTENT)

    answer = await stores.send(request, CONTENT[::-1])

    assert answer.status_code in (409, 412)
    assert await content_of(stores.blobs, key) == CONTENT


async def test_parts_go_in_by_signed_puts(stores: Stores) -> None:
    key, content = a_key(), some_bytes(100_000)
    multipart_id = await stores.multiparts.start(key)
    request = stores.signer.sign_put_part(
        key, multipart_id, number=3, expires_in=60, byte_size=len(content), sha256=sha256(content).digest()
    )

    refused = await stores.send(request, content[::-1])
    answer = await stores.send(request, content)
    parts = await stores.multiparts.parts(key, multipart_id)
    await stores.multiparts.complete(key, multipart_id, parts)

    assert (refused.status_code, answer.status_code) == (400, 200)
    assert [(part.number, part.byte_size) for part in parts] == [(3, len(content))]
    assert answer.headers["etag"].strip('"') == parts[0].etag
    assert await content_of(stores.blobs, key) == content

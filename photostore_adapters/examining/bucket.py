"""Whether a bucket does what photostore asks of one. What is put there for it is removed again."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import aiohttp
from yarl import URL

from photostore.shared.blobs import BlobKey, SignedRequest, blob_key
from photostore.shared.clock import Clock
from photostore_adapters.examining.browser import examine_cors
from photostore_adapters.examining.finding import Finding, Findings, Part
from photostore_adapters.examining.multiparts import examine_multiparts
from photostore_adapters.examining.skew import date_of, skew_found
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.s3.signer import S3BlobSigner
from photostore_adapters.s3.sigv4 import Presigner

PART = Part("storage")
# No sweep looks there, so that nobody takes it away meanwhile.
FOLDER = "doctor"
_BYTES = b"photostore doctor"
_SECONDS = 60
# Stores refuse what is signed fifteen minutes off; what is sent to them is dated by us.
_AT_MOST_APART = timedelta(seconds=60)
_CODE = re.compile(r"<Code>([A-Za-z]+)</Code>")
_REGION = re.compile(r"<(?:Region|ExpectedRegion)>([^<]+)<")
_FIXES = {
    "NoSuchBucket": "Make the bucket, or mend S3__BUCKET_NAME, S3__ENDPOINT_URL or S3__ADDRESSING_STYLE.",
    "InvalidAccessKeyId": "Mend S3__AWS_ACCESS_KEY_ID.",
    "SignatureDoesNotMatch": "Mend S3__AWS_ACCESS_KEY_ID or S3__AWS_SECRET_ACCESS_KEY; a proxy must not change Host.",
    "AccessDenied": "Allow the key to list, get, put and delete in the bucket (s3:ListBucket, s3:*Object, multipart).",
    "RequestTimeTooSkewed": "Have both machines keep time by NTP.",
    "AuthorizationHeaderMalformed": "Set S3__REGION_NAME to the bucket's region.",
    "AuthorizationQueryParametersError": "Set S3__REGION_NAME to the bucket's region.",
    "PermanentRedirect": "Set S3__REGION_NAME and S3__ENDPOINT_URL to those of the bucket.",
}
_ELSE = "Look whether S3__ENDPOINT_URL is an S3 store, and S3__ADDRESSING_STYLE the one that it knows."
Unreachable = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: Any

    @property
    def code(self) -> str:
        """S3's name for what is the matter."""
        found = _CODE.search(self.body[:4000].decode("utf-8", "replace"))
        return found[1] if found else f"status {self.status}"


class Bucket:
    """The bucket as this process and as clients reach it."""

    def __init__(self, settings: S3Settings, clock: Clock, http: aiohttp.ClientSession) -> None:
        self.settings = settings
        self.signer = S3BlobSigner(settings, clock)
        self.http = http
        self._clock = clock
        self._own = Presigner(settings, settings.endpoint)

    async def ask(self, method: str, url: str, *, body: bytes = b"", headers: Any = None) -> Answer:
        async with self.http.request(
            method, URL(url, encoded=True), data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            return Answer(status=answer.status, body=await answer.read(), headers=answer.headers)

    async def own(self, method: str, key: str, **query: str) -> Answer:
        """By the address that this process uses."""
        return await self.ask(
            method, self._own.presign(method, key, now=self._clock.now(), expires_in=_SECONDS, query=query)
        )

    async def put(self, signed: SignedRequest, body: bytes) -> Answer:
        headers = {name: value for name, value in signed.headers.items() if name != "content-length"}
        return await self.ask("PUT", signed.url, body=body, headers=headers)

    def sign_put(self, key: BlobKey, *, sha256: bytes | None = None) -> SignedRequest:
        return self.signer.sign_put(
            key, expires_in=_SECONDS, byte_size=len(_BYTES), content_type="image/jpeg", sha256=sha256
        )

    def sign_get(self, key: BlobKey) -> str:
        return self.signer.sign_get(
            key, expires_in=_SECONDS, content_type="image/jpeg", content_disposition="inline"
        ).url


async def examine_bucket(settings: S3Settings, origins: Sequence[str], clock: Clock) -> Findings:
    timeout = aiohttp.ClientTimeout(total=10, sock_connect=settings.connect_timeout)
    headers = {"Accept-Encoding": "identity"}
    skipped = ("Content-Type", "Accept-Encoding")
    async with aiohttp.ClientSession(timeout=timeout, headers=headers, skip_auto_headers=skipped) as http:
        bucket = Bucket(settings, clock, http)
        try:
            listed = await bucket.own("GET", "", **{"list-type": "2", "max-keys": "1", "prefix": f"{FOLDER}/"})
        except Unreachable as error:
            fix = "Start the store, open the way to it, or mend S3__ENDPOINT_URL."
            yield PART.failed("endpoint", f"{settings.endpoint} does not answer ({type(error).__name__}).", fix)
            return
        yield PART.ok("endpoint", f"{settings.endpoint} answers.")
        date = date_of(listed.headers.get("date"))
        if date is not None:
            yield skew_found(PART, "the store", date, clock.now(), at_most=_AT_MOST_APART)
        yield _access(settings, listed)
        if listed.status == 200:
            async for finding in _in_it(bucket, origins):
                yield finding


def _access(settings: S3Settings, listed: Answer) -> Finding:
    if listed.status == 200:
        return PART.ok("bucket", f"{settings.bucket_name} lets us in ({settings.addressing_style} style).")
    region = _REGION.search(listed.body[:4000].decode("utf-8", "replace"))
    there = f" The bucket is in {region[1]}." if region else ""
    told = f"{settings.bucket_name} does not let us in: {listed.code}.{there}"
    return PART.failed("bucket", told, _FIXES.get(listed.code, _ELSE))


async def _in_it(bucket: Bucket, origins: Sequence[str]) -> AsyncIterator[Finding]:
    """Blobs of our own, by the addresses that clients are given."""
    keys = [blob_key(f"{FOLDER}/{uuid4().hex}") for _ in range(3)]
    try:
        try:
            put = await bucket.put(bucket.sign_put(keys[0], sha256=sha256(_BYTES).digest()), _BYTES)
        except Unreachable as error:
            told = (
                f"{bucket.settings.public_endpoint} does not answer ({type(error).__name__}); clients are sent there."
            )
            yield PART.failed("public endpoint", told, "Mend S3__PUBLIC_ENDPOINT_URL, or the way to it.")
            return
        yield _put(put)
        if put.status in (200, 201):
            for trial in (_signature, _condition, _range):
                yield await trial(bucket, keys[0])
        yield await _checksum(bucket, keys[1])
        yield await examine_multiparts(bucket.settings, keys[2])
        async for finding in examine_cors(bucket.http, bucket.sign_put(keys[0]).url, origins):
            yield finding
    finally:
        left = [key for key in keys if not await _is_gone(bucket, key)]
    if left:
        fix = f"Allow the key to delete (s3:DeleteObject), and remove what is left in {FOLDER}/."
        yield PART.failed("deleting", "What was put there for this could not be removed.", fix)
    else:
        yield PART.ok("deleting", "What was put there for this is gone again.")


def _put(answer: Answer) -> Finding:
    if answer.status in (200, 201):
        return PART.ok("signed upload", "A signed PUT is taken, at the address that clients use.")
    fix = _FIXES.get(answer.code, _ELSE)
    if answer.status in (400, 501):
        fix = "The store must know If-None-Match and x-amz-checksum-sha256 on a PUT: update it, or use another."
    return PART.failed("signed upload", f"A signed PUT is refused: {answer.code}.", fix)


async def _signature(bucket: Bucket, key: BlobKey) -> Finding:
    url = bucket.sign_get(key)
    forged = url[:-1] + ("0" if url[-1] != "0" else "1")
    if (await bucket.ask("GET", forged)).status < 400:
        fix = "Take public read access from the bucket, or use a store that checks signatures."
        return PART.failed(
            "signatures", "A URL with a forged signature is served: whoever guesses a key reads it.", fix
        )
    return PART.ok("signatures", "A forged one is refused.")


async def _condition(bucket: Bucket, key: BlobKey) -> Finding:
    answer = await bucket.put(bucket.sign_put(key), _BYTES[::-1])
    if answer.status in (409, 412):
        return PART.ok("conditional put", "What is there is not replaced.")
    told = f"A PUT with If-None-Match: * on what is there answers {answer.status}."
    return PART.warning(
        "conditional put", told, "Update the store: until then a client can replace what it just uploaded."
    )


async def _range(bucket: Bucket, key: BlobKey) -> Finding:
    answer = await bucket.ask("GET", bucket.sign_get(key), headers={"Range": "bytes=2-4"})
    if answer.status == 206 and answer.body == _BYTES[2:5]:
        return PART.ok("ranges", "A part of a blob can be read.")
    told = f"Bytes 2 to 4 of a blob came as {answer.status} with {len(answer.body)} bytes."
    return PART.failed("ranges", told, "Use a store that serves ranges; have no proxy in front strip the Range header.")


async def _checksum(bucket: Bucket, key: BlobKey) -> Finding:
    answer = await bucket.put(bucket.sign_put(key, sha256=sha256(b"other bytes").digest()), _BYTES)
    if answer.status >= 400:
        return PART.ok("checksums", "Bytes that do not match theirs are refused.")
    told = "Bytes that do not match their checksum are taken. photostore reads each upload again, and finds it."
    return PART.warning("checksums", told, "Update the store, so that a broken upload is refused where it happens.")


async def _is_gone(bucket: Bucket, key: BlobKey) -> bool:
    """Also what came about although it was refused."""
    try:
        await bucket.own("DELETE", key)
        return (await bucket.own("HEAD", key)).status == 404
    except Unreachable:
        return False

"""`Idempotency-Key`: a POST that is sent again is told the answer to the first.

Three places: `Idempotent` stands around the route and keeps what is answered, `prepared` claims the key once it is known
who asks and before anything is read or done, and the form tells which of its bytes were read (`body_print.py`).
"""

import asyncio
import re
from hashlib import sha256
from typing import Any, cast

from dishka import AsyncContainer
from litestar import Request, Response
from litestar.datastructures import Headers
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from photostore.share_link.gate import Share
from photostore.shared.errors import ConcurrentUpdate, PhotostoreError
from photostore.shared.idempotency import (
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotencyKeys,
    KeptAnswer,
    KeyUse,
)
from photostore.shared.ids import UserId
from photostore.upload.errors import UploadBeingCompleted, UploadBusy, UploadInterrupted, UploadStalled
from photostore.upload.limits import UploadLimits
from photostore.user.actor import Actor
from photostore_http.body_print import RunningPrint
from photostore_http.digests import CONTENT_DIGEST, DigestMalformed, DigestMismatch
from photostore_http.forms import FormLimits, FormReader
from photostore_http.key_claim import KeyClaim
from photostore_http.problems import on_refusal, slug
from photostore_http.requests import BodyInterrupted
from photostore_http.strictness import known_parameters
from photostore_http.tus_headers import OF_CREATION

AnyRequest = Request[Any, Any, Any]
HEADER = b"idempotency-key"
REPLAYED = "Idempotency-Replayed"
_VALID = re.compile(rb"[!-~]{1,255}")
_KEPT_HEADERS = frozenset(
    {
        b"content-type",
        b"location",
        b"etag",
        b"cache-control",
        b"upload-offset",
        b"upload-expires",
        b"photostore-photo-id",
    }
)
# The same request again may well do: it did not arrive whole or as it was sent, or came in another's way.
_FLEETING = frozenset(
    map(
        slug,
        (
            UploadInterrupted,
            BodyInterrupted,
            DigestMalformed,
            DigestMismatch,
            ConcurrentUpdate,
            UploadBeingCompleted,
            UploadBusy,
        ),
    )
)


def is_kept(status: int) -> bool:
    """What says something of the request, and not of who asks, for which part, how often, or how the service is."""
    return status < 500 and status not in (401, 403, 408, 416, 429)


class Idempotent:
    """Around every POST. Without the header it is not there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = [value for name, value in scope["headers"] if name == HEADER]
        if not sent:
            await self._app(scope, receive, send)
            return
        claim = KeyClaim(b",".join(sent))
        state: Any = scope
        state["idempotency"] = claim
        _demand_plain_answer(scope)
        answer = _Answer(claim, send)
        try:
            await self._app(scope, receive, answer.send)
            await answer.finish(scope, receive)
        finally:
            # What has no answer by now has none: a fault, or a client that went away.
            await asyncio.shield(claim.give_up())


class _Answer:
    """The way out: holds an answer back until it is kept. One that is sent in pieces is not kept."""

    def __init__(self, claim: KeyClaim, send: Send) -> None:
        self._claim = claim
        self._send = send
        self._held: list[Message] = []

    async def send(self, message: Message) -> None:
        if self._claim.keys is None:
            await self._send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.body" and message["more_body"]:
            await self._claim.give_up()
            await self._flush()

    async def finish(self, scope: Scope, receive: Receive) -> None:
        if self._claim.keys is None:
            return
        try:
            await self._settle(scope)
        except PhotostoreError as error:
            request: AnyRequest = Request(scope)
            refusal = on_refusal(request, error).to_asgi_response(None, request)
            await refusal(scope, receive, self._send)
            return
        await self._flush()

    async def _settle(self, scope: Any) -> None:
        start, body = cast("tuple[Any, Any]", (self._held[0], self._held[-1]))
        if not is_kept(start["status"]) or scope.get("problem") in _FLEETING:
            await self._claim.give_up()
            return
        headers = [
            (name.decode(), value.decode("latin-1")) for name, value in start["headers"] if name in _KEPT_HEADERS
        ]
        running: RunningPrint | None = scope.get("body_print")
        streamed = {"streamed": running.so_far()} if running else {}
        await self._claim.keep(KeptAnswer(status=start["status"], headers=headers, body=body["body"], **streamed))

    async def _flush(self) -> None:
        for message in self._held:
            await self._send(message)
        self._held.clear()


async def prepared(request: AnyRequest) -> Response[Any] | None:
    """Before every handler: claim the key, if one was sent, and look at the query and at the body's digest."""
    claim: KeyClaim | None = request.scope.get("idempotency")  # type: ignore[assignment]
    keeper = None if claim is None else _keeper(request)
    if claim is not None and keeper is not None:
        kept = await _claimed(request, claim, *keeper)
        if kept is not None:
            return _replayed(request, kept)
    await known_parameters(request)
    if _is_whole(request) and CONTENT_DIGEST in request.headers and request.method not in ("GET", "HEAD"):
        await request.body()  # which checks it, also where nobody else asks for the body
    return None


def _keeper(request: AnyRequest) -> tuple[UserId, str] | None:
    """Keys belong to users, and those of guests to the link that they follow; where nobody is signed in or let in, as at
    signing in, the header means nothing. The link stands before the key with a space, which no user's key has."""
    actor: Actor | None = request.scope["state"].get("actor")
    share: Share | None = request.scope["state"].get("share")
    if actor is not None:
        return actor.user_id, ""
    return None if share is None else (share.link.owner_id, f"{share.link.id} ")


async def _claimed(request: AnyRequest, claim: KeyClaim, owner: UserId, before: str) -> KeptAnswer | None:
    if not _VALID.fullmatch(claim.sent):
        raise IdempotencyKeyInvalid("An idempotency key is 1 to 255 visible ASCII characters.")
    is_form = request.route_handler.opt.get("body") == "form"
    container: AsyncContainer = request.scope["state"]["dishka_container"]
    keys: IdempotencyKeys = await container.get(cast("Any", IdempotencyKeys))
    use = KeyUse(owner=owner, key=before + claim.sent.decode(), request=await _digest(request))
    kept = await keys.claim(use)
    if kept is None:
        claim.begin(keys)
        if is_form:
            request.scope["body_print"] = RunningPrint()  # type: ignore[typeddict-unknown-key]
    elif is_form:
        await _demand_same_form(request, container, kept)
    return kept


async def _digest(request: AnyRequest) -> bytes:
    """Of method, path and query, and of a body that is small enough to be read beforehand; of an upload by tus the headers
    that announce it. A trailing slash means nothing."""
    target = (request.method.encode(), request.scope["raw_path"].rstrip(b"/"), request.scope["query_string"])
    digest = sha256(b"\n".join(target) + b"\n")
    digest.update(await request.body() if _is_whole(request) else b"")
    if request.route_handler.opt.get("body") == "tus":
        digest.update("\n".join(request.headers.get(name, "") for name in OF_CREATION).encode())
    return digest.digest()


def _is_whole(request: AnyRequest) -> bool:
    """Whether its body is small, and read before the request is handled."""
    return bool(request.route_handler.opt.get("body", "whole") == "whole")


async def _demand_same_form(request: AnyRequest, container: AsyncContainer, kept: KeptAnswer) -> None:
    """Read as much of it as was read the first time, in the same time; nothing of it is kept."""
    running = RunningPrint(until=kept.streamed.taken)
    request.scope["body_print"] = running  # type: ignore[typeddict-unknown-key]
    limits, lifetime = await container.get(FormLimits), (await container.get(UploadLimits)).form_lifetime
    try:
        async with asyncio.timeout(lifetime.total_seconds()):
            await FormReader(request, limits).read_until(lambda: running.is_over)
    except TimeoutError:
        raise UploadStalled("The form took too long to arrive.") from None
    except (UploadInterrupted, UploadStalled):
        raise
    except PhotostoreError:
        # What the form itself was refused for, it is refused for again, if it is the same.
        pass
    if running.so_far() != kept.streamed:
        raise IdempotencyKeyReused("Take a new key for each new request.")


def _replayed(request: AnyRequest, kept: KeptAnswer) -> Response[Any]:
    request.scope["replayed"] = True  # type: ignore[typeddict-unknown-key]
    headers = dict(kept.headers)
    media_type = headers.pop("content-type", None)
    content = kept.body or None
    return Response(content, status_code=kept.status, media_type=media_type, headers={**headers, REPLAYED: "true"})


def _demand_plain_answer(scope: Scope) -> None:
    """What is kept must do for every client: it is not compressed."""
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    ScopeState.from_scope(scope).headers = Headers(scope["headers"])

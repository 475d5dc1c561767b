"""What every answer of the page carries, and the pages that say no."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.exceptions import HTTPException

from photostore.photo.errors import PhotoNotFound
from photostore.share_link.errors import (
    PasswordRequired,
    ShareExpired,
    ShareNotFound,
    ShareViewsUsedUp,
    TooManyPasswords,
    WrongSharePassword,
)
from photostore.shared.blobs import BlobKey, BlobSigner
from photostore.shared.errors import PhotostoreError
from photostore_http.gallery.own_page import comes_from_elsewhere
from photostore_http.gallery.pages import Notice, notice_page, password_page
from photostore_http.gallery.texts import Texts, languages
from photostore_http.problems import on_fault, on_http_exception, on_refusal, status_of
from photostore_http.settings import HttpSettings

AnyRequest = Request[Any, Any, Any]
Page = Response[bytes]

_ALONE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{media}; connect-src 'self'{store}; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Vary": "Accept-Language, Cookie",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_NOTICES: Mapping[type[PhotostoreError], str] = {
    ShareNotFound: "unknown",
    ShareExpired: "expired",
    ShareViewsUsedUp: "viewed",
    PhotoNotFound: "photo_gone",
}


class ContentPolicy:
    """The page's Content-Security-Policy: nothing inline, and no host but those where pictures are and uploads go to."""

    def __init__(self, settings: HttpSettings, signer: BlobSigner) -> None:
        # Signing is arithmetic: nothing is asked, and nothing needs to lie there.
        written = signer.sign_put(BlobKey("a/b"), expires_in=1, byte_size=1, content_type="image/jpeg").url
        media, store = _origin(settings.base_url), _origin(written)
        self.text = _ALONE.format(media=f" {media}", store=f" {media}" + ("" if store == media else f" {store}"))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def texts_for(request: AnyRequest) -> Texts:
    return languages().best(request.headers.get("accept-language", ""))


def page_answer(
    content: bytes,
    texts: Texts,
    *,
    policy: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Page:
    """Without a `policy` the page is one that shows no pictures."""
    told = {
        **_HEADERS,
        "Content-Language": texts.language,
        "Content-Security-Policy": policy or _ALONE.format(media="", store=""),
        **(headers or {}),
    }
    return Response(content, status_code=status, media_type="text/html", headers=told)


def path_of(request: AnyRequest) -> str:
    """Where the page is."""
    return f"/s/{request.path_params['token']}"


def on_refused_page(request: AnyRequest, error: PhotostoreError) -> Page:
    """A refusal of the domain, for people."""
    problem = on_refusal(request, error)
    texts, headers = texts_for(request), problem.headers
    if isinstance(error, PasswordRequired | WrongSharePassword | TooManyPasswords):
        again = isinstance(error, PasswordRequired) and comes_from_elsewhere(request.headers)
        content = password_page(texts, path_of(request), wrong=_what_is_wrong(texts, error), look_again=again)
    else:
        content = _notice(request, texts, type(error), status_of(type(error)))
    return page_answer(content, texts, status=status_of(type(error)), headers=headers)


def _what_is_wrong(texts: Texts, error: PhotostoreError) -> str | None:
    if isinstance(error, TooManyPasswords):
        return texts.count("password_too_many", max(1, -(-error.retry_after // 60)))
    return texts.say("password_wrong") if isinstance(error, WrongSharePassword) else None


def _notice(request: AnyRequest, texts: Texts, kind: type[PhotostoreError] | None, status: int) -> bytes:
    name = _NOTICES.get(kind) if kind is not None else None
    if name is None:
        name = "fault" if status >= 500 else "request"
    # There is no way back into a share that is gone.
    is_gone = kind in (ShareNotFound, ShareExpired, ShareViewsUsedUp)
    return notice_page(texts, Notice(name=name, path=None if is_gone else path_of(request)))


def on_wrong_request(request: AnyRequest, error: HTTPException) -> Page:
    """A refusal of the framework's own."""
    status = on_http_exception(request, error).status_code or 400
    texts = texts_for(request)
    kind = PhotoNotFound if status == 404 else None
    return page_answer(_notice(request, texts, kind, status), texts, status=status)


def on_faulty_page(request: AnyRequest, error: Exception) -> Page:
    on_fault(request, error)
    texts = texts_for(request)
    return page_answer(_notice(request, texts, None, 500), texts, status=500)


FOR_PEOPLE: dict[int | type[Exception], Callable[[AnyRequest, Any], Response[Any]]] = {
    PhotostoreError: on_refused_page,
    HTTPException: on_wrong_request,
    Exception: on_faulty_page,
}
"""What goes wrong on the page's own routes is told as a page."""

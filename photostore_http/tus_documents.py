"""What the documentation tells of tus: its headers, and the bytes of a piece."""

from dataclasses import dataclass

from litestar.datastructures import ResponseHeader
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, Parameter, RequestBody, Schema

from photostore_http.tus_headers import PHOTO_ID, PIECE_TYPE, VERSION


def _answers(name: str, description: str) -> ResponseHeader:
    return ResponseHeader(name=name, documentation_only=True, description=description)


def _asks(name: str, description: str, example: str, *, required: bool = False) -> Parameter:
    return Parameter(
        name=name,
        param_in="header",
        description=description,
        required=required,
        schema=Schema(type=OpenAPIType.STRING),
        example=example,
    )


SPOKEN = _answers("Tus-Resumable", f"`{VERSION}`.")
OFFSET = _answers("Upload-Offset", "How many bytes have arrived: where to go on.")
EXPIRES = _answers("Upload-Expires", "Until when the upload must be complete (RFC 9110).")
PHOTO = _answers(PHOTO_ID, "The photo that the upload has become, once it has.")
LENGTH = _answers("Upload-Length", "The size of the file, once it was told.")
DEFERRED = _answers("Upload-Defer-Length", "`1` while the size was not told.")
METADATA = _answers("Upload-Metadata", "As it was sent.")

_VERSION = _asks("Tus-Resumable", "The version of the protocol; 412 when it is another.", VERSION, required=True)
_CHECKSUM = _asks(
    "Upload-Checksum",
    "`sha256` and the Base64 of the digest of this body; none of it is kept when that is another.",
    "sha256 8sobtsfpB9Btr+Roflefznazfk6Tt2BQItpS5szCb9I=",
)
_CREATION = (
    _asks("Upload-Length", "The size of the file in bytes. This, or `Upload-Defer-Length`.", "5850112"),
    _asks("Upload-Defer-Length", "`1`: the size is told by a later PATCH.", "1"),
    _asks(
        "Upload-Metadata",
        "Keys, each with its value in Base64: `filename` (or `name`), `filetype` (or `type`), `title`, `description`, "
        "`hashtags` (comma separated), `keywords_as_hashtags`, `album_id`, `sha256` (64 hexadecimal digits). Others are "
        "ignored.",
        "filename c2VhLmpwZw==,filetype aW1hZ2UvanBlZw==",
    ),
)
_BYTES = {PIECE_TYPE: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format="binary"))}  # type: ignore[arg-type]


@dataclass
class TusOperation(Operation):
    """A call that names the version of the protocol."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or ()), _VERSION]


@dataclass
class CreationOperation(Operation):
    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or ()), _VERSION, *_CREATION, _CHECKSUM]
        self.request_body = RequestBody(description="The first bytes, if any.", content=_BYTES)


@dataclass
class PieceOperation(Operation):
    def __post_init__(self) -> None:
        asked = (
            _asks("Upload-Offset", "Where in the file the bytes begin: where it stands.", "0", required=True),
            _asks("Upload-Length", "The size of the file, where it was not told at first.", "5850112"),
        )
        self.parameters = [*(self.parameters or ()), _VERSION, *asked, _CHECKSUM]
        self.request_body = RequestBody(required=True, description="As many bytes as you like.", content=_BYTES)

"""What controllers say about their answers and requests, for the documentation, beyond what their types tell."""

from dataclasses import dataclass

from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Example,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

ETAG = ResponseHeader(
    name="ETag", documentation_only=True, description="The version, for `If-None-Match` and `If-Match`."
)
CONTENT_TAG = ResponseHeader(
    name="ETag", documentation_only=True, description="The tag of these very bytes, for `If-None-Match` and `If-Range`."
)
VARY_BY_ACCEPT = ResponseHeader(
    name="Vary", documentation_only=True, description="`Accept, Authorization`: another format may suit another client."
)
LOCATION = ResponseHeader(name="Location", documentation_only=True, description="Where the resource is.")
LINK = ResponseHeader(
    name="Link", documentation_only=True, description='`<...>; rel="next"`: the next page, when there is one.'
)
REPR_DIGEST = ResponseHeader(
    name="Repr-Digest",
    documentation_only=True,
    description="`sha-256=:...:` of the whole original (RFC 9530), where it is given as it was uploaded.",
)
SET_COOKIE = ResponseHeader(
    name="Set-Cookie", documentation_only=True, description="Binds the sign-in to the browser that began it."
)
UNCHANGED = ResponseSpec(None, description="`If-None-Match` names the present version.", generate_examples=False)

_BYTES = Schema(type=OpenAPIType.STRING, format="binary")  # type: ignore[arg-type]
FORM = Schema(
    type=OpenAPIType.OBJECT,
    required=["file"],
    properties={
        "file": Schema(type=OpenAPIType.STRING, format="binary", description="The picture, with its filename."),  # type: ignore[arg-type]
        "title": Schema(type=OpenAPIType.STRING, examples=["Sunset at the pier"]),
        "description": Schema(type=OpenAPIType.STRING, examples=["The last evening."]),
        "hashtags": Schema(
            type=OpenAPIType.STRING, description="Comma separated; `#` is allowed.", examples=["#sunset,holiday"]
        ),
        "keywords_as_hashtags": Schema(
            type=OpenAPIType.BOOLEAN,
            description="Whether keywords in the metadata become hashtags; unset: as the service is set.",
        ),
        "album_id": Schema(
            type=OpenAPIType.STRING,
            format="uuid",  # type: ignore[arg-type]
            description="An album that the photo is put into: one's own, or one that is shared with the role to add photos.",
        ),
        "sha256": Schema(
            type=OpenAPIType.STRING,
            description="The SHA-256 that the bytes must have: 64 hexadecimal digits.",
            examples=["f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2"],
        ),
    },
)


@dataclass
class FormOperation(Operation):
    """An operation that reads its multipart form itself, as it arrives."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            required=True,
            description="The fields may stand before or after the file.",
            content={"multipart/form-data": OpenAPIMediaType(schema=FORM)},
        )


GUEST_FORM = Schema(
    type=OpenAPIType.OBJECT,
    required=["file"],
    properties={
        "file": Schema(type=OpenAPIType.STRING, format="binary", description="The picture, with its filename."),  # type: ignore[arg-type]
        "title": Schema(type=OpenAPIType.STRING, examples=["Sunset at the pier"]),
        "guest_name": Schema(type=OpenAPIType.STRING, description="Who sends it.", examples=["Grace"]),
        "sha256": Schema(
            type=OpenAPIType.STRING, description="The SHA-256 that the bytes must have: 64 hexadecimal digits."
        ),
    },
)


@dataclass
class GuestFormOperation(Operation):
    """The same for guests, who say less."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            required=True,
            description="The fields may stand before or after the file.",
            content={"multipart/form-data": OpenAPIMediaType(schema=GUEST_FORM)},
        )


@dataclass
class AnyQueryOperation(Operation):
    """An operation that takes whatever query comes."""

    any_query: bool = True


@dataclass
class BytesOperation(Operation):
    """An operation that answers bytes, whole or in part."""

    def __post_init__(self) -> None:
        for status in ("200", "206"):
            said = (self.responses or {}).get(status)
            if isinstance(said, OpenAPIResponse):
                said.content = {"image/*": OpenAPIMediaType(schema=_BYTES)}


@dataclass
class ArchiveOperation(Operation):
    """An operation that answers a ZIP file, whole or in part."""

    def __post_init__(self) -> None:
        for status in ("200", "206"):
            said = (self.responses or {}).get(status)
            if isinstance(said, OpenAPIResponse):
                said.content = {"application/zip": OpenAPIMediaType(schema=_BYTES)}


LAST_EVENT_ID = "Last-Event-ID"
_EVENTS = """: told from here on
retry: 3187
id: 41

id: 42
event: photo.deleted
data: {"entity":"photo","event_id":"0190f7f2-7bd4-7c3e-9d53-6a3d9f0c1a2b","seq":42,"event":"photo.deleted",\
"id":"0190f7f2-0a11-7e51-8f0e-3b1c5d7e9f01","occurred_at":"2026-06-01T12:00:00Z","data":null}

:

"""


@dataclass
class EventsOperation(Operation):
    """An operation that answers server-sent events."""

    def __post_init__(self) -> None:
        said = (self.responses or {}).get("200")
        if isinstance(said, OpenAPIResponse):
            schema = Schema(
                type=OpenAPIType.STRING,
                description="`id` is the `seq`, `event` the name of the event, `data` an item of `Changes`, as JSON on one "
                "line. The first block has the number from which on the client is told, comments show that the stream lives.",
            )
            example = Example(summary="The beginning, an event, and a heartbeat.", value=_EVENTS)
            said.content = {"text/event-stream": OpenAPIMediaType(schema=schema, examples={"stream": example})}
        self.parameters = [*(self.parameters or ()), _last_event_id()]


def _last_event_id() -> Parameter:
    return Parameter(
        name=LAST_EVENT_ID,
        param_in="header",
        description="The `id` of the last event that was taken: the stream goes on after it. 0 is the beginning of the feed.",
        schema=Schema(type=OpenAPIType.STRING, pattern="^[0-9]{1,18}$"),
        example="41",
    )


@dataclass
class XmlOperation(Operation):
    """An operation that answers a document of S3's."""

    def __post_init__(self) -> None:
        for status in ("200", "201"):
            said = (self.responses or {}).get(status)
            if isinstance(said, OpenAPIResponse):
                said.content = {"application/xml": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))}

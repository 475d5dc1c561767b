"""Headers that the OpenAPI document describes once, and refers to by these names."""

from typing import Any

Node = dict[str, Any]

HEADERS: Node = {
    "RequestId": {
        "description": "The request's `X-Request-Id`, or one made for it.",
        "schema": {"type": "string", "maxLength": 128, "pattern": "^[A-Za-z0-9._:/+=-]{1,128}$"},
    },
    "AllowedOrigin": {
        "description": "To a page of another origin that may call the service (`CORS__ALLOW_ORIGINS`): its origin, or `*`.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "In how many seconds another try is worth it.", "schema": {"type": "integer"}},
    "RateLimit": {
        "description": 'Such as `"default";r=599;t=600`: the tries left, and the seconds until there are more.',
        "schema": {"type": "string"},
    },
    "RateLimitPolicy": {
        "description": 'Such as `"default";q=600;w=600`: so many tries in so many seconds.',
        "schema": {"type": "string"},
    },
    "Location": {"description": "Where to go.", "schema": {"type": "string", "format": "uri-reference"}},
    "Challenge": {"description": "`Bearer`.", "schema": {"type": "string"}},
    "IdempotencyReplayed": {
        "description": "`true` when this answer was given before and is told again.",
        "schema": {"type": "string", "const": "true"},
    },
    "AcceptRanges": {"description": "`bytes`: parts can be asked for.", "schema": {"type": "string"}},
    "ContentDisposition": {
        "description": "Whether to show or to save it, and under which name (RFC 6266).",
        "schema": {"type": "string"},
    },
    "ContentRange": {"description": "Which bytes, and of how many.", "schema": {"type": "string"}},
}
REQUEST_HEADERS: Node = {
    "Accept": {
        "name": "Accept",
        "in": "header",
        "description": "What the client can show. Of AVIF, WebP and JPEG the best of it is sent; JPEG when it is none of them.",
        "schema": {"type": "string", "default": "*/*"},
        "example": "image/avif,image/webp,*/*;q=0.8",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` that the resource must still have; else 412.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` that the client has; 304 when it is still the present one.",
        "schema": {"type": "string"},
        "example": '"2"',
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "1 to 255 visible ASCII characters, others for each new request: repeats of one are told its first "
        "answer, for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "example": "0190f7f2-7bd4-7c3e-9d53-6a3d9f0c1a2b",
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "description": "One range of bytes, such as `bytes=0-1023`.",
        "schema": {"type": "string"},
        "example": "bytes=0-1023",
    },
    "IfRange": {
        "name": "If-Range",
        "in": "header",
        "description": "The `ETag` or `Last-Modified` of the part that the client has; the whole when it is another now.",
        "schema": {"type": "string"},
        "example": '"f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2"',
    },
    "IfPreviouslyDeleted": {
        "name": "If-Previously-Deleted",
        "in": "header",
        "description": "`refuse`: answer 409 when the owner had a photo of these bytes once and deleted it for good.",
        "schema": {"type": "string", "enum": ["refuse"]},
        "example": "refuse",
    },
}

"""The requests that photostore itself sends, as OpenAPI 3.1 tells them beside those that it answers."""

from typing import Any

from photostore.webhook.topics import EVENTS
from photostore_http.openapi_examples import EXAMPLES

Node = dict[str, Any]

_CHANGES = ("PhotoChange", "HashtagChange", "UploadChange", "AlbumChange")
_SIGNED = (
    (
        "webhook-id",
        "The change's `event_id`: the same whenever it is sent again.",
        "0190f7f3-1c52-7a90-b6de-2f4b7c8d9e01",
    ),
    ("webhook-timestamp", "When it was sent, in seconds since 1970.", "1780315200"),
    (
        "webhook-signature",
        "`v1,` and the HMAC-SHA256 in base64; two of them for a day after the secret was changed.",
        "v1,...",
    ),
)
_ANSWERS: Node = {
    "2XX": {"description": "It was taken. What else the answer says is not read."},
    "410": {"description": "The webhook is disabled."},
    "default": {"description": "It is sent again later, and what follows waits."},
}


def _message(kind: Node, data: Node, example: Node) -> Node:
    properties = {"type": kind, "timestamp": {"type": "string", "format": "date-time"}, "data": data}
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _sent(operation_id: str, summary: str, description: str, body: Node) -> Node:
    headers = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": said,
            "schema": {"type": "string"},
            "example": example,
        }
        for name, said, example in _SIGNED
    ]
    told = {"operationId": operation_id, "summary": summary, "description": description, "tags": ["webhooks"]}
    return {"post": {**told, "security": [{}], "parameters": headers, "requestBody": body, "responses": _ANSWERS}}


_CHANGE = EXAMPLES["PhotoChange"]
WEBHOOKS: Node = {
    "change": _sent(
        "TellChange",
        "A change of the feed",
        "Signed as Standard Webhooks has it. Changes come one at a time, in their order, each until it is taken.",
        _message(
            {"type": "string", "enum": list(EVENTS), "description": "The change's `event`."},
            {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in _CHANGES]},
            {"type": _CHANGE["event"], "timestamp": _CHANGE["occurred_at"], "data": _CHANGE},
        ),
    ),
    "ping": _sent(
        "TellPing",
        "A message that tells nothing",
        "Whenever somebody asks for one, once.",
        _message(
            {"const": "webhook.ping"},
            {
                "type": "object",
                "required": ["webhook_id"],
                "properties": {"webhook_id": {"type": "string", "format": "uuid"}},
            },
            {"type": "webhook.ping", "timestamp": _CHANGE["occurred_at"], "data": {"webhook_id": _CHANGE["id"]}},
        ),
    ),
}

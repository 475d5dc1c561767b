"""What each event of a stream holds, which OpenAPI 3.1 has no word for: as version 3.2 says it, under a name of our own."""

from typing import Any

Node = dict[str, Any]

_STREAM = "text/event-stream"


def add_items(document: Node) -> None:
    """To every stream: its events, whose data are the items of the change feed."""
    item = document["components"]["schemas"]["Changes"]["properties"]["items"]["items"]
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                if _STREAM in response.get("content", {}):
                    response["content"][_STREAM]["x-itemSchema"] = _event(item)


def _event(data: Node) -> Node:
    return {
        "type": "object",
        "required": ["id", "event", "data"],
        "properties": {
            "id": {"type": "string", "description": "The `seq`.", "pattern": "^[0-9]+$"},
            "event": {"type": "string", "description": "Its name, such as `photo.created`."},
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": data},
        },
    }

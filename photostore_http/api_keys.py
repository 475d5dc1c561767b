"""`/auth/api-keys`: credentials for programs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import JSONBody, PathParameter
from msgspec import Struct

from photostore.shared.ids import ApiKeyId
from photostore.user.actor import Actor
from photostore.user.commands.create_api_key import CreateApiKey
from photostore.user.commands.delete_api_key import DeleteApiKey
from photostore.user.errors import ApiKeyInvalid, ApiKeyNotFound, InsufficientScope, InvalidToken
from photostore.user.queries import CredentialQueries
from photostore.user.scopes import Scope
from photostore_http.authentication import interactive
from photostore_http.declaring import LINK
from photostore_http.moments import in_utc
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    Page,
    decode_cursor,
    page_of,
)
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get, post


class CreateApiKeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`scopes` are names such as `photos:read`; a key holds exactly those that it names."""

    name: str
    scopes: Sequence[str]
    expires_at: datetime | None = None


class ApiKey(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None


class CreatedApiKey(ApiKey, frozen=True, kw_only=True):
    """With `key`, which is shown this once."""

    key: str


class ApiKeyController(Controller):
    path = "/auth/api-keys"
    tags = ("auth",)
    guards = (interactive,)

    @post(operation_id="CreateApiKey", responses=refusals(InvalidToken, InsufficientScope, ApiKeyInvalid))
    @inject
    async def create(
        self, data: JSONBody[CreateApiKeyRequest], actor: FromDishka[Actor], create_api_key: FromDishka[CreateApiKey]
    ) -> Response[CreatedApiKey]:
        """The key itself is shown this once and never again."""
        expires_at = data.expires_at and in_utc(data.expires_at)
        made, token = await create_api_key(
            actor=actor.user_id, name=data.name, scope_names=data.scopes, expires_at=expires_at
        )
        key = CreatedApiKey(
            id=made.id,
            name=made.name,
            scopes=sorted(made.scopes),
            created_at=made.created_at,
            expires_at=made.expires_at,
            key=token,
        )
        return Response(key, status_code=201, headers={"Cache-Control": "no-store"})

    @get(
        operation_id="ListApiKeys",
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter),
    )
    @inject
    async def list_keys(
        self,
        request: Request[Any, Any, Any],
        actor: FromDishka[Actor],
        credentials: FromDishka[CredentialQueries],
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[ApiKey]]:
        """Without the keys themselves, newest first."""
        after = decode_cursor(cursor, UUID)
        views = await credentials.api_keys(actor.user_id, after=ApiKeyId(after) if after else None, limit=limit + 1)
        keys = msgspec.convert(views, list[ApiKey], from_attributes=True)
        return page_of(request, keys, limit=limit, position=lambda key: key.id)

    @delete(
        "/{key_id:uuid}",
        operation_id="DeleteApiKey",
        responses=refusals(InvalidToken, InsufficientScope, ApiKeyNotFound),
    )
    @inject
    async def remove(
        self,
        key_id: Annotated[UUID, PathParameter(description="The key's id.")],
        actor: FromDishka[Actor],
        delete_api_key: FromDishka[DeleteApiKey],
    ) -> None:
        """It is refused within 5 s everywhere."""
        await delete_api_key(actor=actor.user_id, key_id=ApiKeyId(key_id))

"""`/webhooks`: where the caller's changes are told to other programs."""

from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import JSONBody, PathParameter

from photostore.shared.errors import ConcurrentUpdate, PreconditionFailed
from photostore.shared.ids import WebhookId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.webhook.commands.create_webhook import CreateWebhook
from photostore.webhook.commands.delete_webhook import DeleteWebhook
from photostore.webhook.commands.edit_webhook import EditWebhook
from photostore.webhook.commands.rotate_webhook_secret import RotateWebhookSecret
from photostore.webhook.errors import TooManyWebhooks, WebhookInvalid, WebhookNotFound
from photostore.webhook.queries import WebhookQueries
from photostore_http.authentication import interactive
from photostore_http.conditions import expected_version, names_tag
from photostore_http.declaring import ETAG, LINK, LOCATION, UNCHANGED
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
from photostore_http.routing import delete, get, patch, post
from photostore_http.webhook_documents import (
    CreatedWebhook,
    CreateWebhookRequest,
    EditWebhookRequest,
    RotateWebhookSecretRequest,
    Webhook,
    WebhookSecret,
    created_webhook,
    edit_of,
    tag_of,
    webhook_of,
)

AnyRequest = Request[Any, Any, Any]
WebhookPathId = Annotated[UUID, PathParameter(description="The webhook's id.")]

_ANY = refusals(InvalidToken, InsufficientScope)
ONE = refusals(InvalidToken, InsufficientScope, WebhookNotFound)
_STALE = refusals(PreconditionFailed, ConcurrentUpdate)


class WebhookController(Controller):
    path = "/webhooks"
    tags = ("webhooks",)
    guards = (interactive,)

    @post(
        operation_id="CreateWebhook",
        response_headers=[LOCATION, ETAG],
        responses={**_ANY, **refusals(WebhookInvalid, TooManyWebhooks)},
    )
    @inject
    async def create(
        self,
        data: JSONBody[CreateWebhookRequest],
        actor: FromDishka[Actor],
        create_webhook: FromDishka[CreateWebhook],
        webhooks: FromDishka[WebhookQueries],
    ) -> Response[CreatedWebhook]:
        """It is told what changes from now on. The secret is shown this once."""
        webhook_id, secret = await create_webhook(
            actor=actor.user_id,
            url=data.url,
            events=data.events,
            description=data.description,
            disabled=data.disabled,
            secret=data.secret,
        )
        view = await webhooks.get(webhook_id, owner=actor.user_id)
        headers = {"Location": f"/api/v1/webhooks/{webhook_id}", "ETag": tag_of(view), "Cache-Control": "no-store"}
        return Response(created_webhook(view, secret), status_code=201, headers=headers)

    @get(operation_id="ListWebhooks", response_headers=[LINK], responses={**_ANY, **refusals(BadCursor, BadParameter)})
    @inject
    async def list_webhooks(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        webhooks: FromDishka[WebhookQueries],
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[Webhook]]:
        """Without their secrets, newest first."""
        after = decode_cursor(cursor, UUID)
        views = await webhooks.list(actor.user_id, after=WebhookId(after) if after else None, limit=limit + 1)
        return page_of(request, [webhook_of(view) for view in views], limit=limit, position=lambda each: each.id)

    @get(
        "/{webhook_id:uuid}",
        operation_id="GetWebhook",
        response_headers=[ETAG],
        responses={304: UNCHANGED, **ONE},
    )
    @inject
    async def get_one(
        self,
        request: AnyRequest,
        webhook_id: WebhookPathId,
        actor: FromDishka[Actor],
        webhooks: FromDishka[WebhookQueries],
    ) -> Response[Webhook]:
        """And how far it has been told."""
        view = await webhooks.get(WebhookId(webhook_id), owner=actor.user_id)
        headers = {"ETag": tag_of(view)}
        if names_tag(request, tag_of(view)):
            return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
        return Response(webhook_of(view), headers=headers)

    @patch(
        "/{webhook_id:uuid}",
        operation_id="EditWebhook",
        response_headers=[ETAG],
        responses={**ONE, **_STALE, **refusals(WebhookInvalid)},
    )
    @inject
    async def edit(
        self,
        request: AnyRequest,
        webhook_id: WebhookPathId,
        data: JSONBody[EditWebhookRequest],
        actor: FromDishka[Actor],
        edit_webhook: FromDishka[EditWebhook],
        webhooks: FromDishka[WebhookQueries],
    ) -> Response[Webhook]:
        """A JSON merge patch. A webhook that was disabled goes on where it was, unless told to skip what it missed."""
        await edit_webhook(
            actor=actor.user_id,
            webhook_id=WebhookId(webhook_id),
            edit=edit_of(data),
            skip_missed=data.skip_missed,
            expected_version=expected_version(request),
        )
        view = await webhooks.get(WebhookId(webhook_id), owner=actor.user_id)
        return Response(webhook_of(view), headers={"ETag": tag_of(view)})

    @delete("/{webhook_id:uuid}", operation_id="DeleteWebhook", responses={**ONE, **_STALE})
    @inject
    async def remove(
        self,
        request: AnyRequest,
        webhook_id: WebhookPathId,
        actor: FromDishka[Actor],
        delete_webhook: FromDishka[DeleteWebhook],
    ) -> None:
        """With its log. What is under way at this moment may still arrive."""
        await delete_webhook(
            actor=actor.user_id, webhook_id=WebhookId(webhook_id), expected_version=expected_version(request)
        )

    @post(
        "/{webhook_id:uuid}/rotate-secret",
        operation_id="RotateWebhookSecret",
        status_code=200,
        responses={**ONE, **_STALE, **refusals(WebhookInvalid)},
    )
    @inject
    async def rotate_secret(
        self,
        request: AnyRequest,
        webhook_id: WebhookPathId,
        data: JSONBody[RotateWebhookSecretRequest],
        actor: FromDishka[Actor],
        rotate: FromDishka[RotateWebhookSecret],
        webhooks: FromDishka[WebhookQueries],
    ) -> Response[WebhookSecret]:
        """Another secret, shown this once. Messages are signed with the one before, too, for 24 hours."""
        secret = await rotate(
            actor=actor.user_id,
            webhook_id=WebhookId(webhook_id),
            secret=data.secret,
            expected_version=expected_version(request),
        )
        view = await webhooks.get(WebhookId(webhook_id), owner=actor.user_id)
        told = WebhookSecret(secret=secret, previous_secret_until=view.previous_until)
        return Response(told, status_code=200, headers={"Cache-Control": "no-store"})

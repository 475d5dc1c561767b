"""`/webhooks/{id}/deliveries`: what became of each message, and messages that one asks for."""

from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import PathParameter, QueryParameter

from photostore.shared.ids import DeliveryId, WebhookId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.webhook.commands.ping_webhook import PingWebhook
from photostore.webhook.commands.replay_delivery import ReplayDelivery
from photostore.webhook.delivery import DeliveryStatus
from photostore.webhook.errors import DeliveryNotFound, DeliveryNotReplayable, TooManyPending, WebhookNotFound
from photostore.webhook.queries import WebhookQueries
from photostore_http.authentication import interactive
from photostore_http.declaring import LINK
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
from photostore_http.routing import get, post
from photostore_http.webhook_documents import WebhookDelivery, delivery_of
from photostore_http.webhooks import ONE, WebhookPathId

_Status = Annotated[DeliveryStatus | None, QueryParameter(description="Those alone that ended so.")]


class WebhookDeliveryController(Controller):
    path = "/webhooks/{webhook_id:uuid}"
    tags = ("webhooks",)
    guards = (interactive,)

    @get(
        "/deliveries",
        operation_id="ListWebhookDeliveries",
        response_headers=[LINK],
        responses={**ONE, **refusals(BadCursor, BadParameter)},
    )
    @inject
    async def list_deliveries(
        self,
        request: Request[Any, Any, Any],
        webhook_id: WebhookPathId,
        actor: FromDishka[Actor],
        webhooks: FromDishka[WebhookQueries],
        status: _Status = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[WebhookDelivery]]:
        """Every attempt, newest first, for as long as the log is kept."""
        after = decode_cursor(cursor, UUID)
        views = await webhooks.deliveries(
            WebhookId(webhook_id),
            owner=actor.user_id,
            status=status,
            after=DeliveryId(after) if after else None,
            limit=limit + 1,
        )
        return page_of(request, [delivery_of(view) for view in views], limit=limit, position=lambda each: each.id)

    @get(
        "/deliveries/{delivery_id:uuid}",
        operation_id="GetWebhookDelivery",
        responses=refusals(InvalidToken, InsufficientScope, DeliveryNotFound),
    )
    @inject
    async def get_delivery(
        self,
        webhook_id: WebhookPathId,
        delivery_id: Annotated[UUID, PathParameter(description="The delivery's id.")],
        actor: FromDishka[Actor],
        webhooks: FromDishka[WebhookQueries],
    ) -> WebhookDelivery:
        """One attempt."""
        here = {"webhook_id": WebhookId(webhook_id), "owner": actor.user_id}
        return delivery_of(await webhooks.delivery(DeliveryId(delivery_id), **here))  # type: ignore[arg-type]

    @post("/ping", operation_id="PingWebhook", status_code=202, responses={**ONE, **refusals(TooManyPending)})
    @inject
    async def ping(
        self,
        webhook_id: WebhookPathId,
        actor: FromDishka[Actor],
        ping_webhook: FromDishka[PingWebhook],
        webhooks: FromDishka[WebhookQueries],
    ) -> Response[WebhookDelivery]:
        """A `webhook.ping` goes the way of all messages, once, also where the webhook is disabled. The log tells what came of
        it; an endpoint that fails and answers this is told the rest at once."""
        here = WebhookId(webhook_id)
        delivery_id = await ping_webhook(actor=actor.user_id, webhook_id=here)
        view = await webhooks.delivery(delivery_id, webhook_id=here, owner=actor.user_id)
        return Response(delivery_of(view), status_code=202)

    @post(
        "/deliveries/{delivery_id:uuid}/replay",
        operation_id="ReplayWebhookDelivery",
        status_code=202,
        responses=refusals(
            InvalidToken, InsufficientScope, WebhookNotFound, DeliveryNotFound, DeliveryNotReplayable, TooManyPending
        ),
    )
    @inject
    async def replay(
        self,
        webhook_id: WebhookPathId,
        delivery_id: Annotated[UUID, PathParameter(description="The delivery's id.")],
        actor: FromDishka[Actor],
        replay_delivery: FromDishka[ReplayDelivery],
        webhooks: FromDishka[WebhookQueries],
    ) -> Response[WebhookDelivery]:
        """Send it once more, under the same `webhook-id`, with the thing as it is now, out of turn."""
        here = WebhookId(webhook_id)
        again = await replay_delivery(actor=actor.user_id, webhook_id=here, delivery_id=DeliveryId(delivery_id))
        view = await webhooks.delivery(again, webhook_id=here, owner=actor.user_id)
        return Response(delivery_of(view), status_code=202)

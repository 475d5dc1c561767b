"""Refusals of the webhook room."""

from photostore.shared.errors import Conflict, Invalid, NotFound


class WebhookNotFound(NotFound):
    title = "There is no such webhook."


class WebhookInvalid(Invalid):
    title = "The webhook does not validate."


class TooManyWebhooks(Conflict):
    """The detail names the limit."""

    title = "There are as many webhooks as there may be."


class TooManyPending(Conflict):
    """Of what was asked for; the detail names the limit."""

    title = "As much waits to be sent to the webhook as there may."


class DeliveryNotFound(NotFound):
    """Also one that the log keeps no longer."""

    title = "There is no such delivery."


class DeliveryNotReplayable(Conflict):
    """What was never sent, or is about to be."""

    title = "The delivery cannot be sent again."

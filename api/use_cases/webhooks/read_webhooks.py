"""Shows the webhooks of a shop, never their secrets, and what became of what was sent to them."""

from uuid import UUID

from api.domain.changes import Versioned
from api.domain.webhooks import Delivery, Webhook
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from api.use_cases.webhooks.commands import DeliveriesAsked, WebhooksAsked


def get_webhook(view: View, webhook_id: UUID) -> Versioned[Webhook]:
    """Raises `NotFound`."""
    return found(view.webhooks.get, "webhook", webhook_id)


def list_webhooks(view: View, asked: WebhooksAsked) -> Page[Versioned[Webhook]]:
    """Raises `Invalid` for a cursor of another question."""
    return read_page(asked, view.webhooks.page)


def list_deliveries(view: View, webhook_id: UUID, asked: DeliveriesAsked) -> Page[Delivery]:
    """Raises `NotFound`, and `Invalid` as above."""
    get_webhook(view, webhook_id)
    return read_page(asked, lambda wanted: view.webhooks.deliveries(webhook_id, wanted), below=webhook_id)

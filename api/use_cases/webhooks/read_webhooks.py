"""Shows the webhooks of a shop, never their secrets, and what became of what was sent to them."""

from uuid import UUID

from api.domain.changes import Versioned
from api.domain.webhooks import Delivery, Webhook
from api.store.view import View
from api.use_cases.pages import Page, PageAsked, page_of
from api.use_cases.require_found import found
from api.use_cases.webhooks.commands import DeliveriesAsked


def get_webhook(view: View, webhook_id: UUID) -> Versioned[Webhook]:
    """Raises `NotFound`."""
    return found(view.webhooks.get, "webhook", webhook_id)


def list_webhooks(view: View, asked: PageAsked) -> Page[Versioned[Webhook]]:
    """The oldest first."""
    return page_of(view.webhooks.page(asked.cursor, asked.limit + 1), asked.limit, lambda held: held.value.id)


def list_deliveries(view: View, webhook_id: UUID, asked: DeliveriesAsked) -> Page[Delivery]:
    """The newest first. Raises `NotFound`."""
    get_webhook(view, webhook_id)
    page = view.webhooks.deliveries(webhook_id, asked.state, asked.cursor, asked.limit + 1)
    return page_of(page, asked.limit, lambda delivery: delivery.id)

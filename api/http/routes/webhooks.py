"""Webhooks: where a shop's events are sent to, and what became of them."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.domain.webhooks import Webhook
from api.http import security
from api.http.bodies.webhooks import DeliveryAnswer, DeliveryPage, WebhookAnswer, WebhookPage, WebhookWithSecret
from api.http.command_answers import CommandAnswer, carry_out, cause, expected
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, look_up
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.webhooks import change_webhooks, read_webhooks
from api.use_cases.webhooks import ping_webhook as pinging
from api.use_cases.webhooks.change_webhooks import WithSecret
from api.use_cases.webhooks.commands import DeliveriesAsked, NewWebhook, WebhookChange, WebhooksAsked

webhooks = APIBlueprint("webhooks", __name__, url_prefix="/v1/webhooks", tag="Webhooks")


@webhooks.post("")
@requires("webhooks:create")
@webhooks.input(NewWebhook)
@webhooks.output(WebhookWithSecret, HTTPStatus.CREATED)
def make_webhook(json_data: NewWebhook) -> Response:
    """Have events sent to a URL; the secret that they are signed with is shown this once"""
    desk = dependencies().webhooks
    return carry_out(lambda work: _with_secret(change_webhooks.make_webhook(work, desk, json_data), HTTPStatus.CREATED))


@webhooks.get("")
@requires("webhooks:list")
@webhooks.input(WebhooksAsked, location="query")
@webhooks.output(WebhookPage)
def list_webhooks(query_data: WebhooksAsked) -> WebhookPage:
    """The shop's webhooks, oldest first"""
    page = look_up(lambda view: read_webhooks.list_webhooks(view, query_data))
    return WebhookPage(items=[WebhookAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@webhooks.get("/<uuid:webhook_id>")
@requires("webhooks:read")
@webhooks.output(WebhookAnswer)
def get_webhook(webhook_id: UUID) -> Response:
    """One webhook, without its secret"""
    held = look_up(lambda view: read_webhooks.get_webhook(view, webhook_id))
    return entity(WebhookAnswer.of(held), held.version)


@webhooks.patch("/<uuid:webhook_id>")
@requires("webhooks:update")
@webhooks.input(WebhookChange)
@webhooks.output(WebhookAnswer)
def change_webhook(webhook_id: UUID, json_data: WebhookChange) -> Response:
    """Change where and what is sent, or switch it off and on"""
    desk, wanted = dependencies().webhooks, expected()
    return carry_out(lambda work: _done(change_webhooks.change_webhook(work, desk, webhook_id, json_data, wanted)))


@webhooks.delete("/<uuid:webhook_id>")
@requires("webhooks:delete")
@webhooks.output({}, HTTPStatus.NO_CONTENT)
def remove_webhook(webhook_id: UUID) -> tuple[str, HTTPStatus]:
    """Remove a webhook, with all that waits for it"""
    wanted = expected()
    dependencies().store.carry_out(
        security.access(), cause(), lambda work: change_webhooks.remove_webhook(work, webhook_id, wanted)
    )
    return "", HTTPStatus.NO_CONTENT


@webhooks.post("/<uuid:webhook_id>/rotate-secret")
@requires("webhooks:update")
@webhooks.output(WebhookWithSecret)
def rotate_webhook_secret(webhook_id: UUID) -> Response:
    """Get a new secret; what is sent is signed with the old one, too, for a day"""
    desk, wanted = dependencies().webhooks, expected()
    return carry_out(lambda work: _with_secret(change_webhooks.rotate_secret(work, desk, webhook_id, wanted)))


@webhooks.post("/<uuid:webhook_id>/ping")
@requires("webhooks:update")
@webhooks.output(DeliveryAnswer, HTTPStatus.ACCEPTED)
def ping_webhook(webhook_id: UUID) -> Response:
    """Send it an event `webhook.ping`, once; its deliveries say what became of it"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        return CommandAnswer(DeliveryAnswer.of(pinging.ping_webhook(work, webhook_id)), status=HTTPStatus.ACCEPTED)

    return carry_out(decide)


@webhooks.get("/<uuid:webhook_id>/deliveries")
@requires("webhooks:read")
@webhooks.input(DeliveriesAsked, location="query")
@webhooks.output(DeliveryPage)
def list_webhook_deliveries(webhook_id: UUID, query_data: DeliveriesAsked) -> DeliveryPage:
    """What was sent to it and what became of it, newest first"""
    page = look_up(lambda view: read_webhooks.list_deliveries(view, webhook_id, query_data))
    return DeliveryPage(items=[DeliveryAnswer.of(one) for one in page.items], next_cursor=page.next_cursor)


def _done(held: Versioned[Webhook]) -> CommandAnswer:
    return CommandAnswer(WebhookAnswer.of(held))


def _with_secret(made: WithSecret, status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    held = made.webhook
    location = url_for("webhooks.get_webhook", webhook_id=held.value.id) if status == HTTPStatus.CREATED else None
    body = WebhookWithSecret.of(held, secret=made.secret)
    return CommandAnswer(body, status=status, location=location, is_secret=True)

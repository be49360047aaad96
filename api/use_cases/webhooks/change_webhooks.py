"""Makes, changes and removes the webhooks of a shop; a secret is said once, and kept sealed."""

from dataclasses import dataclass, replace
from uuid import UUID

from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.webhooks import OffReason, Webhook, checked_event_types, require_room
from api.store.unit_of_work import UnitOfWork
from api.use_cases.webhooks.commands import NewWebhook, WebhookChange
from api.use_cases.webhooks.read_webhooks import get_webhook
from api.use_cases.webhooks.webhook_desk import WebhookDesk
from ops.webhook_signature import new_secret


@dataclass(frozen=True, slots=True)
class WithSecret:
    """`secret` is said once."""

    webhook: Versioned[Webhook]
    secret: str


def make_webhook(work: UnitOfWork, desk: WebhookDesk, command: NewWebhook) -> WithSecret:
    """Raises `Invalid`, and `Conflict` when the shop has as many as it may have."""
    desk.require_public(command.url)
    event_types = checked_event_types(command.event_types, work.access.actor.all_grants)
    work.take_turns("webhooks", alone=True)
    require_room(work.webhooks.count())
    webhook = Webhook(
        id=work.new_id(),
        url=command.url,
        description=command.description,
        event_types=event_types,
        off_reason=None if command.active else OffReason.ASKED,
        off_at=None if command.active else work.now,
        made_by=work.access.actor.actor_id,
        made_at=work.now,
    )
    secret = new_secret()
    return WithSecret(work.webhooks.add(webhook, _sealed(desk, webhook.id, secret)), secret)


def change_webhook(
    work: UnitOfWork, desk: WebhookDesk, webhook_id: UUID, command: WebhookChange, expected: Expected = ANY_VERSION
) -> Versioned[Webhook]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`, `Invalid`."""
    held = get_webhook(work, webhook_id)
    expected.require(held)
    webhook = held.value
    if command.url is not None:
        desk.require_public(command.url)
        webhook = replace(webhook, url=command.url)
    if command.event_types is not None:
        event_types = checked_event_types(command.event_types, work.access.actor.all_grants)
        webhook = replace(webhook, event_types=event_types)
    if command.description is not None:
        webhook = replace(webhook, description=command.description)
    if command.active is not None and command.active != webhook.active:
        off = (None, None) if command.active else (OffReason.ASKED, work.now)
        webhook = replace(webhook, off_reason=off[0], off_at=off[1])
    if webhook == held.value:
        work.nothing_is_done()
        return held
    return work.webhooks.change(held, webhook)


def rotate_secret(
    work: UnitOfWork, desk: WebhookDesk, webhook_id: UUID, expected: Expected = ANY_VERSION
) -> WithSecret:
    """The one until now is good beside it for a while. Raises `NotFound` and `VersionMismatch`."""
    held = get_webhook(work, webhook_id)
    expected.require(held)
    secret = new_secret()
    sealed = _sealed(desk, webhook_id, secret)
    return WithSecret(work.webhooks.rotate(held, sealed, work.now + desk.old_secret), secret)


def remove_webhook(work: UnitOfWork, webhook_id: UUID, expected: Expected = ANY_VERSION) -> None:
    """With all that waits for it. Raises `NotFound` and `VersionMismatch`."""
    expected.require(get_webhook(work, webhook_id))
    work.webhooks.remove(webhook_id)


def _sealed(desk: WebhookDesk, webhook_id: UUID, secret: str) -> bytes:
    return desk.seal.close(secret.encode(), str(webhook_id))

"""Payments: taken by a provider for orders, by customers for their own; and what the provider tells afterwards."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, request

from api.domain.errors import NotFound
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.audited_calls import cause_of
from api.http.bodies.payments import PaymentAnswer, PaymentPage, StartedPaymentAnswer, WebhookHeard
from api.http.command_answers import CommandAnswer, carry_out, expected
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, look_up
from api.http.pay_at_provider import OTHERWISE, pay
from api.http.security import public, requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.payments import hear_webhook as hearing
from api.use_cases.payments import read_payments
from api.use_cases.payments import send_by_hand as sending
from api.use_cases.payments import start_payment as starting
from api.use_cases.payments.commands import NewPayment, PaymentsAsked, PaymentsOfOrderAsked, SentByHand
from api.use_cases.payments.payments_access import ACTOR

payments = APIBlueprint("payments", __name__, url_prefix="/v1", tag="Payments")

_PROVIDERS = Actor(tenant_id=None, tenant_slug=None, actor_id=ACTOR, role=Role.INTEGRATION)


@payments.post("/orders/<uuid:order_id>/payments")
@requires("payments:create")
@payments.input(NewPayment)
@payments.output(StartedPaymentAnswer, HTTPStatus.CREATED)
@payments.doc(responses=OTHERWISE)
def start_payment(order_id: UUID, json_data: NewPayment) -> Response:
    """Pay what is still to be paid of an order, through the payment provider"""
    desk = dependencies().payments
    return pay(
        json_data.token,
        start=lambda work: starting.start_payment(work, desk, order_id, json_data),
        show=read_payments.get_payment,
        place=lambda payment_id: f"/v1/payments/{payment_id}",
    )


@payments.get("/orders/<uuid:order_id>/payments")
@requires("payments:read")
@payments.input(PaymentsOfOrderAsked, location="query")
@payments.output(PaymentPage)
def list_payments_of_order(order_id: UUID, query_data: PaymentsOfOrderAsked) -> PaymentPage:
    """What was tried to pay an order, newest first"""
    return PaymentPage.of(look_up(lambda view: read_payments.payments_of_order(view, order_id, query_data)))


@payments.get("/payments")
@requires("payments:list")
@payments.input(PaymentsAsked, location="query")
@payments.output(PaymentPage)
def list_payments(query_data: PaymentsAsked) -> PaymentPage:
    """Payments, newest first"""
    return PaymentPage.of(look_up(lambda view: read_payments.list_payments(view, query_data)))


@payments.get("/payments/<uuid:payment_id>")
@requires("payments:read")
@payments.output(PaymentAnswer)
def get_payment(payment_id: UUID) -> Response:
    """One payment, with what of it goes back"""
    shown = look_up(lambda view: read_payments.get_payment(view, payment_id))
    return entity(PaymentAnswer.of(shown), shown.held.version)


@payments.post("/payments/<uuid:payment_id>/refunds/<uuid:refund_id>/by-hand")
@requires("payments:update")
@payments.input(SentByHand)
@payments.output(PaymentAnswer)
def send_refund_by_hand(payment_id: UUID, refund_id: UUID, json_data: SentByHand) -> Response:
    """What the provider refused to send back went back another way"""

    def sent(work: UnitOfWork) -> CommandAnswer:
        shown = sending.send_by_hand(work, payment_id, refund_id, json_data, expected())
        return CommandAnswer(PaymentAnswer.of(shown), version=shown.held.version)

    return carry_out(sent)


@payments.post("/payments/webhooks/<provider>")
@public("A provider's signature says who it is.")
@payments.output(WebhookHeard)
@payments.doc(responses={202: "It is about no payment that there is: there is no use in sending it again."})
def hear_webhook(provider: str) -> tuple[WebhookHeard, HTTPStatus]:
    """Hear from the payment provider what became of a payment"""
    own = dependencies()
    if own.payments.provider is None or provider != own.payments.name:
        raise NotFound("payment provider", provider)
    headers = {name.lower(): value for name, value in request.headers.items()}
    told = own.payments.provider.read_webhook(headers, request.get_data(), own.clock())
    at_host_of = own.tenants.by_host(request.host)
    known = told is not None and hearing.hear_webhook(own.store, own.payments, told, cause_of(_PROVIDERS), at_host_of)
    return WebhookHeard(known=known), HTTPStatus.OK if known else HTTPStatus.ACCEPTED

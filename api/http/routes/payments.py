"""Payments: taken by a provider for orders, by customers for their own; and what the provider tells afterwards."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, request

from api.domain.errors import NotFound
from api.domain.payment_provider import PaymentDeclined
from api.domain.payments import PaymentStatus
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http import security
from api.http.audited_calls import cause_of
from api.http.bodies.payments import PaymentAnswer, PaymentPage, StartedPaymentAnswer, WebhookHeard
from api.http.command_answers import LOCATION, CommandAnswer, carry_out, cause
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, etag, look_up
from api.http.security import public, requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.pages import Page, PageAsked
from api.use_cases.payments import hear_webhook as hearing
from api.use_cases.payments import read_payments
from api.use_cases.payments import start_payment as starting
from api.use_cases.payments.ask_provider import ask_provider
from api.use_cases.payments.commands import NewPayment, PaymentsAsked
from api.use_cases.payments.payments_access import ACTOR, access_to
from api.use_cases.payments.read_payments import ShownPayment

payments = APIBlueprint("payments", __name__, url_prefix="/v1", tag="Payments")

_PROVIDERS = Actor(tenant_id=None, tenant_slug=None, actor_id=ACTOR, role=Role.INTEGRATION)


@payments.post("/orders/<uuid:order_id>/payments")
@requires("payments:create")
@payments.input(NewPayment)
@payments.output(StartedPaymentAnswer, HTTPStatus.CREATED)
@payments.doc(
    responses={
        202: "It is not known yet: a webhook will tell, or `redirect_url` is where the customer finishes it.",
        402: "Declined: nothing was taken, and the order is as it was.",
    }
)
def start_payment(order_id: UUID, json_data: NewPayment) -> Response:
    """Pay what is still to be paid of an order, through the payment provider"""
    own = dependencies()
    desk = own.payments
    desk.asked.require_near()

    def started(work: UnitOfWork) -> CommandAnswer:
        payment_id = starting.start_payment(work, desk, order_id, json_data).value.id
        shown = StartedPaymentAnswer.of(read_payments.get_payment(work, payment_id))
        return CommandAnswer(shown, status=HTTPStatus.ACCEPTED, location=f"/v1/payments/{payment_id}")

    kept = carry_out(started)
    payment_id = UUID(kept.headers[LOCATION].rpartition("/")[2])
    payment = look_up(lambda view: read_payments.get_payment(view, payment_id)).held.value
    redirect_url = None
    if payment.status == PaymentStatus.STARTED:
        access = access_to(security.tenant())
        asked = ask_provider(own.store, desk, access, cause(), payment, json_data.token, own.clock())
        redirect_url = asked.redirect_url
    return _answered(look_up(lambda view: read_payments.get_payment(view, payment_id)), redirect_url)


@payments.get("/orders/<uuid:order_id>/payments")
@requires("payments:read")
@payments.input(PageAsked, location="query")
@payments.output(PaymentPage)
def list_payments_of_order(order_id: UUID, query_data: PageAsked) -> PaymentPage:
    """What was tried to pay an order, newest first"""
    asked = PaymentsAsked(limit=query_data.limit, cursor=query_data.cursor)
    return _page(look_up(lambda view: read_payments.payments_of_order(view, order_id, asked)))


@payments.get("/payments")
@requires("payments:list")
@payments.input(PaymentsAsked, location="query")
@payments.output(PaymentPage)
def list_payments(query_data: PaymentsAsked) -> PaymentPage:
    """Payments, newest first"""
    return _page(look_up(lambda view: read_payments.list_payments(view, query_data)))


@payments.get("/payments/<uuid:payment_id>")
@requires("payments:read")
@payments.output(PaymentAnswer)
def get_payment(payment_id: UUID) -> Response:
    """One payment, with what of it goes back"""
    shown = look_up(lambda view: read_payments.get_payment(view, payment_id))
    return entity(PaymentAnswer.of(shown), shown.held.version)


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


def _answered(shown: ShownPayment, redirect_url: str | None) -> Response:
    payment = shown.held.value
    if payment.status == PaymentStatus.DECLINED:
        raise PaymentDeclined(payment.decline_reason or "")
    waits = payment.status == PaymentStatus.STARTED
    return Response(
        StartedPaymentAnswer.of(shown, redirect_url=redirect_url).model_dump_json(),
        HTTPStatus.ACCEPTED if waits else HTTPStatus.CREATED,
        {LOCATION: f"/v1/payments/{payment.id}", "ETag": etag(shown.held.version)},
        content_type="application/json",
    )


def _page(page: Page[ShownPayment]) -> PaymentPage:
    return PaymentPage(items=[PaymentAnswer.of(one) for one in page.items], next_cursor=page.next_cursor)

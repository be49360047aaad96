"""Payments for orders of nobody's: who has the order's token pays for it, and sees what became of that."""

from datetime import datetime
from http import HTTPStatus
from typing import Final

from apiflask import APIBlueprint
from flask import Response, request

from api.domain.claim_tokens import HEADER
from api.domain.permissions import Role
from api.http import security
from api.http.bodies.payments import PaymentPage, StartedPaymentAnswer
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.limits.limit_requests import address, count, is_shared_key
from api.http.limits.quotas import GUEST_PAYMENTS
from api.http.pay_at_provider import OTHERWISE, pay
from api.http.security import requires
from api.use_cases.payments import guest_payments as guests
from api.use_cases.payments.commands import NewPayment, PaymentsOfOrderAsked

#: A guest has one place for all of them: no id leads to anything.
_PLACE: Final = "/v1/orders/claimed/payments"
#: Programs speak for many guests.
_COUNTED: Final = frozenset({Role.ANONYMOUS, Role.CUSTOMER})

guest_payments = APIBlueprint("guest_payments", __name__, url_prefix=_PLACE, tag="Payments")


@guest_payments.post("")
@requires("guest_payments:create")
@guest_payments.input(NewPayment)
@guest_payments.output(StartedPaymentAnswer, HTTPStatus.CREATED)
@guest_payments.doc(responses=OTHERWISE)
def start_guest_payment(json_data: NewPayment) -> Response:
    """Pay what is still to be paid of the order of a claim token, through the payment provider"""
    access, text, desk = security.access(), _token(), dependencies().payments
    if access.actor.role in _COUNTED or is_shared_key():
        count(GUEST_PAYMENTS, f"{access.shop.id} {address()}")
    answer = pay(
        json_data.token,
        start=lambda work: guests.start_guest_payment(work, desk, text, json_data),
        show=lambda view, payment_id: guests.get_guest_payment(view, text, payment_id, _now()),
        place=lambda _: _PLACE,
    )
    return _unkept(answer)


@guest_payments.get("")
@requires("guest_orders:read")
@guest_payments.input(PaymentsOfOrderAsked, location="query")
@guest_payments.output(PaymentPage)
def list_guest_payments(query_data: PaymentsOfOrderAsked) -> Response:
    """What was tried to pay the order of a claim token, newest first"""
    text = _token()
    page = look_up(lambda view: guests.payments_of_guest(view, text, query_data, _now()))
    return _unkept(Response(PaymentPage.of(page).model_dump_json(), mimetype="application/json"))


def _token() -> str:
    return request.headers.get(HEADER, "")


def _now() -> datetime:
    return dependencies().clock()


def _unkept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer

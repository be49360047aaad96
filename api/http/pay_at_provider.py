"""Answers who pays through the provider: written down first, then the provider is asked, then what became of it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import Response

from api.domain.changes import Versioned
from api.domain.payment_provider import PaymentDeclined
from api.domain.payments import PaymentStatus
from api.http import security
from api.http.bodies.payments import StartedPaymentAnswer
from api.http.command_answers import LOCATION, CommandAnswer, carry_out, cause
from api.http.dependencies import dependencies
from api.http.entity_answers import etag, look_up
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.payments.ask_provider import ask_provider
from api.use_cases.payments.payments_access import access_to
from api.use_cases.payments.read_payments import ShownPayment, get_payment
from schemas.events.payment import Payment

#: What is said besides that the money came.
OTHERWISE: Final[dict[int, str]] = {
    202: "It is not known yet: a webhook will tell, or `redirect_url` is where the customer finishes it.",
    402: "Declined: nothing was taken, and the order is as it was.",
}


def pay(
    token: str,
    *,
    start: Callable[[UnitOfWork], Versioned[Payment]],
    show: Callable[[View, UUID], ShownPayment],
    place: Callable[[UUID], str],
) -> Response:
    """`show` is how who asks sees the payment, and `place` where.

    Raises `PaymentDeclined`, and `ProviderAway`: then it is written down, and sent again it goes on from there.
    """
    own = dependencies()
    desk = own.payments
    desk.asked.require_near()

    def started(work: UnitOfWork) -> CommandAnswer:
        shown = get_payment(work, start(work).value.id)
        location = f"/v1/payments/{shown.held.value.id}"
        return CommandAnswer(StartedPaymentAnswer.of(shown), status=HTTPStatus.ACCEPTED, location=location)

    payment_id = UUID(carry_out(started).headers[LOCATION].rpartition("/")[2])
    payment = look_up(lambda view: show(view, payment_id)).held.value
    redirect_url = None
    if payment.status == PaymentStatus.STARTED:
        access = access_to(security.tenant())
        asked = ask_provider(own.store, desk, access, cause(), payment, token, own.clock())
        redirect_url = asked.redirect_url
    return _answered(look_up(lambda view: show(view, payment_id)), redirect_url, place(payment_id))


def _answered(shown: ShownPayment, redirect_url: str | None, place: str) -> Response:
    payment = shown.held.value
    if payment.status == PaymentStatus.DECLINED:
        raise PaymentDeclined(payment.decline_reason or "")
    waits = payment.status == PaymentStatus.STARTED
    return Response(
        StartedPaymentAnswer.of(shown, redirect_url=redirect_url).model_dump_json(),
        HTTPStatus.ACCEPTED if waits else HTTPStatus.CREATED,
        {LOCATION: place, "ETag": etag(shown.held.version)},
        content_type="application/json",
    )

"""What a shop says about taxes and shipping."""

from apiflask import APIBlueprint
from flask import Response

from api.domain.changes import Versioned
from api.domain.tax_rates import TaxTable
from api.http.bodies.checkout_settings import ShippingAnswer, TaxesAnswer
from api.http.command_answers import CommandAnswer, carry_out, expected
from api.http.entity_answers import entity, look_up
from api.http.security import requires
from api.store.shipping_methods import Methods
from api.use_cases.checkout_settings import say_shipping as shipping
from api.use_cases.checkout_settings import say_taxes as taxes
from api.use_cases.checkout_settings.commands import GivenShipping, GivenTaxes

checkout_settings = APIBlueprint("checkout_settings", __name__, url_prefix="/v1/checkout", tag="Checkout")


@checkout_settings.get("/taxes")
@requires("checkout:read")
@checkout_settings.output(TaxesAnswer)
def get_taxes() -> Response:
    """The taxes that carts are counted with"""
    held = look_up(taxes.get_taxes)
    return entity(TaxesAnswer.of(held), held.version)


@checkout_settings.put("/taxes")
@requires("checkout:update")
@checkout_settings.input(GivenTaxes)
@checkout_settings.output(TaxesAnswer)
def set_taxes(json_data: GivenTaxes) -> Response:
    """Say anew which taxes are due where, on what"""
    wanted = expected()
    return carry_out(lambda work: _taxes(taxes.say_taxes(work, json_data, wanted)))


@checkout_settings.get("/shipping")
@requires("checkout:read")
@checkout_settings.output(ShippingAnswer)
def get_shipping_methods() -> Response:
    """The shipping methods that carts are offered"""
    held = look_up(shipping.get_shipping)
    return entity(ShippingAnswer.of(held), held.version)


@checkout_settings.put("/shipping")
@requires("checkout:update")
@checkout_settings.input(GivenShipping)
@checkout_settings.output(ShippingAnswer)
def set_shipping_methods(json_data: GivenShipping) -> Response:
    """Say anew how things are sent, where to, at what cost"""
    wanted = expected()
    return carry_out(lambda work: _shipping(shipping.say_shipping(work, json_data, wanted)))


def _taxes(held: Versioned[TaxTable]) -> CommandAnswer:
    return CommandAnswer(TaxesAnswer.of(held), version=held.version)


def _shipping(held: Versioned[Methods]) -> CommandAnswer:
    return CommandAnswer(ShippingAnswer.of(held), version=held.version)

"""Prices over HTTP: what a variant costs, for whom, of how many, at which moment."""

from apiflask import APIBlueprint

from api.http.bodies.prices import AskedPriceAnswer, LowestPriceAnswer
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.security import requires
from api.use_cases.prices import ask_prices
from api.use_cases.prices.commands import LowestPriceAsked, PriceAsked

prices = APIBlueprint("prices", __name__, url_prefix="/v1/prices", tag="Prices")


@prices.get("")
@requires("products:read")
@prices.input(PriceAsked, location="query")
@prices.output(AskedPriceAnswer)
def get_price(query_data: PriceAsked) -> AskedPriceAnswer:
    """What a variant costs, and which price list says so"""
    return AskedPriceAnswer.of(look_up(lambda view: ask_prices.ask_price(view, query_data)))


@prices.get("/lowest")
@requires("products:read")
@prices.input(LowestPriceAsked, location="query")
@prices.output(LowestPriceAnswer)
def get_lowest_price(query_data: LowestPriceAsked) -> LowestPriceAnswer:
    """The lowest public price of the 30 days before a reduction"""
    kept = dependencies().price_history
    return LowestPriceAnswer.of(look_up(lambda view: ask_prices.ask_lowest_price(view, query_data, kept)))

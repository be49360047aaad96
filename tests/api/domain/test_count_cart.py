"""A cart costs what it does wherever it goes: its prices stay, and the tax is in them or on top of them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from api.domain.carts import Cart, CartLine
from api.domain.count_cart import CountedCart, Shelf, counted
from api.domain.order_prices import Offer
from api.domain.shipping_methods import MethodName, ShippingMethod, ShippingPrice
from api.domain.tax_rates import MOST_RATE, TaxRate, TaxTable
from schemas.events.product import Price

NOW = datetime(2026, 3, 1, tzinfo=UTC)
POST = ShippingMethod(
    code="post",
    names=(MethodName(locale="en", name="By post"),),
    countries=(),
    prices=(ShippingPrice(currency="EUR", amount_minor=490, free_from_minor=None),),
    active=True,
)
LINES = st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 50)), min_size=1, max_size=8)
RATES = st.fixed_dictionaries({"AT": st.integers(0, MOST_RATE), "US": st.integers(0, MOST_RATE)})


def offer(variant_id: UUID, minor: int) -> Offer:
    return Offer(
        product_id=uuid4(),
        variant_id=variant_id,
        sku=str(variant_id),
        title="Mug",
        category_path=(),
        brand=None,
        unit="piece",
        on_sale=True,
        prices=(Price(currency="EUR", amount_minor=minor, compare_at_minor=None),),
        tiers=(),
        at=NOW,
    )


def sent_to(country: str | None, lines: list[tuple[int, int]], taxes: TaxTable) -> CountedCart:
    offers = {one.variant_id: one for one in (offer(uuid4(), minor) for minor, _ in lines)}
    cart = Cart(
        id=uuid4(),
        customer_ref=None,
        currency="EUR",
        country=country,
        postal_code=None,
        shipping_method="post",
        discount_code=None,
        lines=tuple(
            CartLine(variant_id=one.variant_id, sku=one.sku, quantity=number, unit_price_minor=minor)
            for one, (minor, number) in zip(offers.values(), lines, strict=True)
        ),
        made_at=NOW,
        changed_at=NOW,
    )
    shelf = Shelf(
        offers=offers,
        available={},
        paths={},
        taxes=taxes,
        methods=[POST],
        discount=None,
        discount_used=None,
        customer_group=None,
        at=NOW,
    )
    return counted(cart, shelf, ("en",))


@given(LINES, RATES, st.booleans(), st.booleans())
def test_the_price_stays_wherever_it_goes_and_tax_is_in_it_or_on_top_to_the_cent(
    lines: list[tuple[int, int]], due: dict[str, int], otherwise: bool, there: bool
) -> None:
    rates = tuple(
        TaxRate(country=country, postal_prefix="", category_id=None, rate=rate) for country, rate in due.items()
    )
    taxes = TaxTable(prices_include_tax=otherwise, by_country={"US": there}, rates=rates)
    goods = sum(minor * number for minor, number in lines)

    for country, included in (("AT", otherwise), ("US", there)):
        sent = sent_to(country, lines, taxes)

        assert (sent.totals.subtotal_minor, sent.totals.shipping_minor) == (goods, 490)
        assert sent.totals.total_minor == goods + 490 + sent.totals.tax_minor
        assert (sent.totals.tax_minor if included else sent.totals.tax_included_minor) == 0
        told = sum(line.tax_minor for line in sent.lines)
        assert 0 <= sent.totals.tax_minor + sent.totals.tax_included_minor - told <= 490
    assert taxes.includes_tax(None) is taxes.includes_tax("DE") is otherwise

"""What a cart can be sent by, and what that costs."""

from api.domain.shipping_methods import MethodName, OfferedMethod, ShippingMethod, ShippingPrice, offered

POST = ShippingMethod(
    code="post",
    names=(MethodName(locale="en", name="By post"), MethodName(locale="de", name="Mit der Post")),
    countries=("AT", "DE"),
    prices=(ShippingPrice(currency="EUR", amount_minor=490, free_from_minor=5000),),
    active=True,
)
OFF = ShippingMethod(code="off", names=POST.names, countries=(), prices=POST.prices, active=False)


def test_a_method_is_offered_where_it_goes_in_a_currency_it_has_and_while_it_is_active() -> None:
    def to(country: str | None, currency: str = "EUR", subtotal: int = 4999) -> list[OfferedMethod]:
        return offered(
            [POST, OFF], country=country, currency=currency, subtotal_minor=subtotal, locales=("de-AT", "de", "en")
        )

    assert to("AT") == [OfferedMethod(code="post", name="Mit der Post", amount_minor=490)]
    assert [one.amount_minor for one in to("AT", subtotal=5000)] == [0]
    assert (to("US"), to(None), to("AT", "USD")) == ([], [], [])

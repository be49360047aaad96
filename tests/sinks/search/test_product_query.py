from uuid import uuid4

from schemas.row_conditions import OneOf
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request


def test_what_is_not_reached_is_neither_found_nor_counted() -> None:
    query = ProductQuery(tenant_id=uuid4(), text="cheese", reached=OneOf("brand", ("Acme",)))

    assert {"terms": {"brand": ["Acme"]}} in request(query)["query"]["bool"]["filter"]


def test_titles_of_one_language_are_sorted_without_a_script() -> None:
    one = request(ProductQuery(tenant_id=uuid4(), sort="title", locales=("de-AT", "de")))
    several = request(ProductQuery(tenant_id=uuid4(), sort="title", locales=("de", "en")))

    assert one["sort"] == [{"title_key.de": {"order": "asc", "missing": "_last"}}]
    assert several["sort"][0]["_script"]["script"]["params"]["languages"] == ["de", "en"]

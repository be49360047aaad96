from typing import Any

import pytest
from apiflask import APIFlask

from api.domain.errors import Invalid
from api.http.middleware.chosen_fields import Answer, answer_of, chosen
from api.http.route_table import routes_of


def answer(app: APIFlask, path: str) -> Answer:
    (view,) = (app.view_functions[one.endpoint] for one in routes_of(app) if (one.method, one.path) == ("GET", path))
    found = answer_of(view)
    assert found is not None
    return found


def test_names_are_those_of_the_answer_or_of_each_of_its_items(app: APIFlask) -> None:
    one, several = answer(app, "/v1/products/{product_id}"), answer(app, "/v1/products")

    assert one.names == several.names
    assert (one.listed, several.listed) == (False, True)
    assert "sku" in one.names["variants"]
    assert one.names["attributes"] == frozenset()


def test_of_what_is_named_as_a_whole_and_in_part_all_is_shown(app: APIFlask) -> None:
    orders = answer(app, "/v1/orders")

    assert chosen("id, lines.sku ,lines.quantity", orders) == {"id": None, "lines": {"sku", "quantity"}}
    assert chosen("lines,lines.sku", orders) == {"lines": None}
    assert chosen("lines.sku,lines", orders) == {"lines": None}


@pytest.mark.parametrize(
    "text", ["", "id,,status", "prize", "lines.prize", "lines.", "id.id", "lines.sku.x", "x" * 1001]
)
def test_what_is_not_there_is_refused_with_what_is(app: APIFlask, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        chosen(text, answer(app, "/v1/orders"))

    (wrong,) = refused.value.errors
    assert wrong.field == "fields"


def test_every_read_that_answers_with_a_model_says_that_it_takes_fields(app: APIFlask) -> None:
    document: Any = app.spec

    for route in routes_of(app):
        if route.method == "GET" and route.path.startswith("/v1/"):
            asked = {one["name"] for one in document["paths"][route.path]["get"]["parameters"] if one["in"] == "query"}
            assert ("fields" in asked) == (answer_of(app.view_functions[route.endpoint]) is not None), route.name

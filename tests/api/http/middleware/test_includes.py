from typing import Any

import pytest
from apiflask import APIFlask

from api.domain.errors import Invalid
from api.http.included_things import INCLUDED
from api.http.middleware.chosen_fields import answer_of
from api.http.middleware.includes import names_in
from api.http.route_table import routes_of


def test_a_name_counts_once_with_commas_or_repeated() -> None:
    assert names_in(["stock, categories", "stock"], {"categories", "stock"}) == ["stock", "categories"]


@pytest.mark.parametrize("text", ["", "stock,", "prize", "stock.sku"])
def test_what_cannot_be_included_is_refused_with_what_can(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        names_in([text], {"categories", "stock"})

    (wrong,) = refused.value.errors
    assert (wrong.field, wrong.code) == ("include", "unknown_include")
    assert "categories, stock" in wrong.message


def test_what_a_call_can_include_is_in_the_document_and_in_its_answer(app: APIFlask) -> None:
    document: Any = app.spec
    routes = {one.endpoint: one for one in routes_of(app) if one.method == "GET"}

    for endpoint, kinds in INCLUDED.items():
        call = document["paths"][routes[endpoint].path]["get"]
        (asked,) = (one for one in call["parameters"] if one["name"] == "include")
        assert asked["schema"]["items"]["enum"] == sorted(kinds)
        assert asked["schema"]["maxItems"] == len(kinds)
        answer = answer_of(app.view_functions[endpoint])
        assert answer is not None
        assert kinds.keys() <= answer.names.keys(), endpoint

"""What can be stored of a product can be asked for."""

import pytest
from pydantic import ValidationError

from api.http.problems import from_validation
from api.use_cases.read_models.find_facet_values import FacetValuesSought
from api.use_cases.read_models.search_products import ProductsSought
from api.use_cases.search_settings.commands import TargetSaid

LONG = "x" * 300


def test_the_longest_names_and_values_can_be_chosen() -> None:
    named = f"{LONG}:{LONG}"

    asked = ProductsSought(brand=[LONG], tag=[LONG], option=[named], attribute=[named])

    assert (asked.brand, asked.tag, asked.option, asked.attribute) == ([LONG], [LONG], [named], [named])
    assert FacetValuesSought(facet=f"attribute:{LONG}").facet.endswith(LONG)
    assert TargetSaid(by="brand", value=LONG).value == LONG


def test_what_is_longer_is_refused() -> None:
    for field, value in (("brand", f"{LONG}x"), ("option", f"{LONG}:{LONG}x")):
        with pytest.raises(ValidationError):
            ProductsSought.model_validate({field: [value]})


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"facets": ["brand,tag"]}, "facets.0"),
        ({"facets": ["none", "brand"]}, "facets"),
        ({"price_min": True}, "price_min"),
        ({"page": False}, "page"),
    ],
)
def test_what_is_wrong_is_said_once_and_of_its_field(asked: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ProductsSought.model_validate(asked)

    assert [one.field for one in from_validation(refused.value).errors] == [field]


@pytest.mark.parametrize("name", ["page", "per_page", "sort", "facets", "facet_size", "session"])
def test_values_of_a_facet_are_asked_for_with_nothing_that_would_change_nothing(name: str) -> None:
    with pytest.raises(ValidationError):
        FacetValuesSought.model_validate({"facet": "brand", name: "title" if name == "sort" else "1"})

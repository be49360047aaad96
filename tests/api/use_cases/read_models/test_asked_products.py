"""What can be stored of a product can be asked for."""

import pytest
from pydantic import ValidationError

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

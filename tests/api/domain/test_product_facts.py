from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from api.domain import products
from api.domain.errors import Invalid
from api.domain.product_choices import Choice, ChoiceValue, choices
from api.domain.product_limits import MOST_RELATED, MOST_SIDE_MM, MOST_WEIGHT_G
from schemas.events.product import AttributeValue, OptionTexts, ValueTexts
from tests.support.examples import MOMENT, product, text, variant

ITSELF = uuid4()
OTHER = uuid4()


def said(**kind: Any) -> AttributeValue:
    return replace(AttributeValue(text=None, number=None, boolean=None, texts=None), **kind)


def told(value: AttributeValue, as_text: str) -> dict[str, Any]:
    return {"attributes": {"x": as_text}, "typed_attributes": {"x": value}}


def sizes(*codes: str, code: str = "size") -> OptionTexts:
    return OptionTexts(code=code, names={}, values=tuple(ValueTexts(code=one, names={}) for one in codes))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"variants": (variant(weight_g=0),)}, "variants.0.weight_g"),
        ({"variants": (variant(weight_g=MOST_WEIGHT_G + 1),)}, "variants.0.weight_g"),
        ({"variants": (variant(height_mm=MOST_SIDE_MM + 1),)}, "variants.0.height_mm"),
        ({"variants": (variant(unit="crate"),)}, "variants.0.unit"),
        ({"variants": (variant(unit="12 piece"),)}, "variants.0.unit"),
        ({"translations": (text("en", "A", seo_title="x" * 301),)}, "translations.0.seo_title"),
        ({"translations": (text("en", "A", seo_description="x" * 1001),)}, "translations.0.seo_description"),
        (told(said(), ""), "attributes.x"),
        (told(said(text="a", number="1"), "a"), "attributes.x"),
        (told(said(number="1e3"), "1e3"), "attributes.x"),
        (told(said(texts=()), ""), "attributes.x"),
        (told(said(boolean=True), "yes"), "attributes"),
        ({"option_texts": (sizes(),)}, "option_texts.0.code"),
        ({"options": ("size",), "option_texts": (sizes(), sizes())}, "option_texts"),
        ({"options": ("size",), "option_texts": (sizes("S", "S"),)}, "option_texts.0.values"),
        ({"tags": ("Rye", "rye")}, "tags"),
        ({"related_ids": tuple(uuid4() for _ in range(MOST_RELATED + 1))}, "related_ids"),
        ({"related_ids": (ITSELF,)}, "related_ids"),
        ({"related_ids": (OTHER, OTHER)}, "related_ids"),
    ],
)
def test_a_fact_that_breaks_a_rule_is_refused_by_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        products.create(product(id=ITSELF, **wrong), MOMENT)

    assert [one.field for one in refused.value.errors] == [field]


def test_the_largest_of_everything_is_no_mistake() -> None:
    most = product(
        variants=(variant(weight_g=MOST_WEIGHT_G, length_mm=MOST_SIDE_MM, width_mm=1),),
        related_ids=tuple(uuid4() for _ in range(MOST_RELATED)),
        **told(said(number=f"-{'9' * 18}.{'9' * 12}"), f"-{'9' * 18}.{'9' * 12}"),
    )

    assert products.wrong(most) == []


def test_options_and_values_are_called_as_in_the_first_locale_that_has_a_name_else_by_their_codes() -> None:
    texts = OptionTexts(
        code="size",
        names={"de": "Größe", "fr": "Taille"},
        values=(
            ValueTexts(code="L", names={"de": "Groß"}),
            ValueTexts(code="XL", names={"de": "Riesig"}),
            ValueTexts(code="S", names={"de-AT": "Winzig", "de": "Klein"}),
        ),
    )
    shirt = product(
        options=("size", "hue"),
        option_texts=(texts,),
        variants=(
            variant(sku="1", option_values={"size": "M", "hue": "red"}),
            variant(sku="2", option_values={"size": "S"}),
            variant(sku="3", option_values={"size": "L", "hue": "red"}),
        ),
    )

    assert choices(shirt, ("de-AT", "de", "en")) == (
        Choice("size", "Größe", (ChoiceValue("L", "Groß"), ChoiceValue("S", "Winzig"), ChoiceValue("M", "M"))),
        Choice("hue", "hue", (ChoiceValue("red", "red"),)),
    )

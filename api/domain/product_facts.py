"""Says what is wrong with a product's measures, attributes, texts of options, tags and related products."""

import re
from collections.abc import Iterator
from typing import Final

from api.domain.errors import FieldError
from api.domain.product_limits import (
    LONGEST_SEO_DESCRIPTION,
    LONGEST_SEO_TITLE,
    MOST_LISTED,
    MOST_RELATED,
    MOST_SIDE_MM,
    MOST_WEIGHT_G,
    NUMBER_PATTERN,
)
from schemas.events.product import AttributeValue, OptionTexts, Product
from schemas.product_attributes import attribute_texts
from schemas.product_words import distinct_words
from schemas.units import LONGEST_UNIT, UNITS, unit_of

#: The largest of each measure of a variant; the smallest is 1.
MEASURES: Final = {
    "weight_g": MOST_WEIGHT_G,
    "length_mm": MOST_SIDE_MM,
    "width_mm": MOST_SIDE_MM,
    "height_mm": MOST_SIDE_MM,
}
_NUMBER: Final = re.compile(NUMBER_PATTERN)


def wrong_facts(product: Product) -> Iterator[FieldError]:
    yield from _wrong_measures(product)
    yield from _wrong_units(product)
    yield from _wrong_seo(product)
    yield from _wrong_attributes(product)
    yield from _wrong_option_texts(product)
    if len(distinct_words(product.tags)) != len(product.tags):
        yield FieldError("tags", "repeated", "A tag is in it twice.")
    yield from _wrong_relations(product)


def _wrong_measures(product: Product) -> Iterator[FieldError]:
    for at, variant in enumerate(product.variants):
        for name, most in MEASURES.items():
            value = getattr(variant, name)
            if value is not None and not 1 <= value <= most:
                yield FieldError(f"variants.{at}.{name}", "out_of_range", f"It is 1 to {most}, or not there.")


def _wrong_units(product: Product) -> Iterator[FieldError]:
    for at, variant in enumerate(product.variants):
        if len(variant.unit) > LONGEST_UNIT or unit_of(variant.unit) is None:
            message = f"It is {', '.join(UNITS)}, or a number of one of the others, as `100 g`."
            yield FieldError(f"variants.{at}.unit", "unknown_unit", message)


def _wrong_seo(product: Product) -> Iterator[FieldError]:
    for at, text in enumerate(product.translations):
        for name, most in (("seo_title", LONGEST_SEO_TITLE), ("seo_description", LONGEST_SEO_DESCRIPTION)):
            if len(getattr(text, name) or "") > most:
                yield FieldError(f"translations.{at}.{name}", "too_long", f"It has at most {most} characters.")


def _wrong_attributes(product: Product) -> Iterator[FieldError]:
    for name, value in product.typed_attributes.items():
        if not _is_one(value):
            yield FieldError(
                f"attributes.{name}", "wrong_type", "It is a text, a number, a boolean or a list of texts."
            )
    if product.attributes != attribute_texts(product.typed_attributes):
        yield FieldError("attributes", "contradicted", "They are not what the typed attributes are as texts.")


def _is_one(value: AttributeValue) -> bool:
    there = [one for one in (value.text, value.number, value.boolean, value.texts) if one is not None]
    if value.number is not None and not _NUMBER.fullmatch(value.number):
        return False
    return len(there) == 1 and (value.texts is None or 1 <= len(value.texts) <= MOST_LISTED)


def _wrong_option_texts(product: Product) -> Iterator[FieldError]:
    for at, option in enumerate(product.option_texts):
        if option.code not in product.options:
            yield FieldError(f"option_texts.{at}.code", "unknown_option", "It is no option of the product.")
        if _has_twins(option):
            yield FieldError(f"option_texts.{at}.values", "repeated", "A value is in it twice.")
    if len({option.code for option in product.option_texts}) != len(product.option_texts):
        yield FieldError("option_texts", "repeated", "An option is in it twice.")


def _has_twins(option: OptionTexts) -> bool:
    return len({value.code for value in option.values}) != len(option.values)


def _wrong_relations(product: Product) -> Iterator[FieldError]:
    if len(product.related_ids) > MOST_RELATED:
        yield FieldError("related_ids", "too_long", f"A product has at most {MOST_RELATED} related ones.")
    if product.id in product.related_ids:
        yield FieldError("related_ids", "itself", "A product is not related to itself.")
    if len(set(product.related_ids)) != len(product.related_ids):
        yield FieldError("related_ids", "repeated", "A product is in it twice.")

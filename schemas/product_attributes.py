"""Says the attributes of a product as texts, whatever they are."""

from collections.abc import Mapping

from schemas.events.product import AttributeValue


def attribute_text(value: AttributeValue) -> str:
    """`true` and `false`, a number as it is written, and a list with commas."""
    if value.boolean is not None:
        return "true" if value.boolean else "false"
    if value.texts is not None:
        return ", ".join(value.texts)
    return value.text or value.number or ""


def attribute_texts(values: Mapping[str, AttributeValue]) -> dict[str, str]:
    return {name: attribute_text(value) for name, value in values.items()}

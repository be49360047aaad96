"""Takes attributes as a client writes them, and gives them so: a text, `true`, a list, or `{"number": "1.5"}`."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Discriminator, Field, StrictBool, StringConstraints, Tag

from api.domain.product_limits import MOST_LISTED, NUMBER_PATTERN
from api.use_cases.fields import FacetName, Input, Name
from schemas.events.product import AttributeValue


class NumberBody(Input):
    """A number is a text in here, so that nobody makes a float of it."""

    number: Annotated[str, StringConstraints(pattern=f"^{NUMBER_PATTERN}$", max_length=40)] = Field(examples=["12.50"])


_KINDS: Final[Mapping[type, str]] = {str: "text", bool: "boolean", list: "texts", dict: "number", NumberBody: "number"}


def _kind(given: Any) -> str | None:
    return _KINDS.get(type(given))


AttributeBody = Annotated[
    Annotated[Name, Tag("text")]
    | Annotated[StrictBool, Tag("boolean")]
    | Annotated[list[Name], Field(min_length=1, max_length=MOST_LISTED), Tag("texts")]
    | Annotated[NumberBody, Tag("number")],
    Discriminator(
        _kind,
        custom_error_type="attribute_type",
        custom_error_message='It is to be a text, true or false, a list of texts, or a number as {"number": "1.5"}.',
    ),
]
Attributes = Annotated[
    dict[FacetName, AttributeBody],
    Field(max_length=100, examples=[{"origin": "Italy", "organic": True, "fat": {"number": "3.5"}}]),
]
#: As JSON says it.
Plain = str | bool | list[str] | dict[str, str]


def typed(given: Mapping[str, Any]) -> dict[str, AttributeValue]:
    return {name: _value(one) for name, one in given.items()}


def plain(value: AttributeValue) -> Plain:
    if value.boolean is not None:
        return value.boolean
    if value.texts is not None:
        return list(value.texts)
    return {"number": value.number} if value.number is not None else value.text or ""


def plain_attributes(values: Mapping[str, AttributeValue]) -> dict[str, Plain]:
    return {name: plain(value) for name, value in values.items()}


def _value(given: Any) -> AttributeValue:
    """Of what was checked, or of `plain`."""
    number = given.number if isinstance(given, NumberBody) else given["number"] if isinstance(given, dict) else None
    return AttributeValue(
        text=given if isinstance(given, str) else None,
        number=number,
        boolean=given if isinstance(given, bool) else None,
        texts=tuple(given) if isinstance(given, list) else None,
    )
